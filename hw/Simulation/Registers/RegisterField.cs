namespace CoSim.Hw.Simulation.Registers;

/// <summary>What software may do with a field.</summary>
public enum FieldMode : byte
{
    /// <summary>Reads back what was written.</summary>
    ReadWrite,

    /// <summary>Writes are lost; hardware decides the value.</summary>
    ReadOnly,

    /// <summary>Writing one clears a bit, writing zero leaves it.</summary>
    WriteOneToClear,

    /// <summary>Writing does something; reads as zero.</summary>
    WriteOnly,

    /// <summary>Exists in hardware and keeps its value, but its effect is not modelled: setting it is logged by name.</summary>
    Tagged,
}

/// <summary>A named run of bits in a register. Bits that no field names are reserved: they read as their reset value, and a write that would change them is logged.</summary>
/// <param name="Name">As the data sheet calls it.</param>
/// <param name="Low">Lowest bit, 0 to 63.</param>
/// <param name="Width">Number of bits, 1 to 64.</param>
/// <param name="Mode">What software may do.</param>
/// <param name="Summary">One line for the generated register documentation.</param>
public readonly record struct RegisterField(string Name, int Low, int Width, FieldMode Mode, string Summary)
{
    /// <summary>The field's bits, in place.</summary>
    public ulong Mask => (Width == 64 ? ulong.MaxValue : (1UL << Width) - 1) << Low;

    /// <summary>The field's value within a register's value.</summary>
    public ulong Extract(ulong register) => (register & Mask) >> Low;

    public static RegisterField Rw(string name, int low, int width, string summary) => new(name, low, width, FieldMode.ReadWrite, summary);

    public static RegisterField Ro(string name, int low, int width, string summary) => new(name, low, width, FieldMode.ReadOnly, summary);

    public static RegisterField W1C(string name, int low, int width, string summary) => new(name, low, width, FieldMode.WriteOneToClear, summary);

    public static RegisterField Wo(string name, int low, int width, string summary) => new(name, low, width, FieldMode.WriteOnly, summary);

    public static RegisterField Tag(string name, int low, int width, string summary) => new(name, low, width, FieldMode.Tagged, summary);
}
