namespace CoSim.Guest;

/// <summary>
/// The processor's instructions that C# lacks, and the way into the images' assembled stubs. The linker replaces each call
/// of an instruction by the instruction itself where it fits in the five bytes of the call.
/// </summary>
public static unsafe partial class Machine
{
}

/// <summary>A pair of registers: by the System V ABI it comes back in RAX (low) and RDX (high).</summary>
public struct RegisterPair
{
    /// <summary>RAX.</summary>
    public ulong Low;
    /// <summary>RDX.</summary>
    public ulong High;

    /// <summary>EDX:EAX as one number.</summary>
    public readonly ulong Combined => High << 32 | (uint)Low;
}
