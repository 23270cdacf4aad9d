namespace CoSim.Traces.Format;

/// <summary>How a field of an event is to be understood and shown.</summary>
public enum FieldType : byte
{
    /// <summary>Unsigned 64-bit integer, shown in decimal.</summary>
    Number = 0,

    /// <summary>Unsigned 64-bit integer, shown in hexadecimal: an address, a register.</summary>
    Hex = 1,

    /// <summary>Signed 64-bit integer in two's complement.</summary>
    Signed = 2,

    /// <summary>Femtoseconds from the event's own time, unsigned 64-bit; all ones for never.</summary>
    Delay = 3,

    /// <summary>Index of a core.</summary>
    Core = 4,

    /// <summary>0 or 1.</summary>
    Flag = 5,

    /// <summary>A string; an event has at most one field of this type.</summary>
    Text = 6,
}
