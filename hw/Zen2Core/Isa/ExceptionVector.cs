namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>Exception vectors (AMD APM vol. 2, table 8-1).</summary>
public static class ExceptionVector
{
    /// <summary>#DE.</summary>
    public const byte DivideError = 0;

    /// <summary>#DB.</summary>
    public const byte Debug = 1;

    /// <summary>NMI.</summary>
    public const byte Nmi = 2;

    /// <summary>#BP.</summary>
    public const byte Breakpoint = 3;

    /// <summary>#OF.</summary>
    public const byte Overflow = 4;

    /// <summary>#BR.</summary>
    public const byte BoundRange = 5;

    /// <summary>#UD.</summary>
    public const byte InvalidOpcode = 6;

    /// <summary>#NM.</summary>
    public const byte DeviceNotAvailable = 7;

    /// <summary>#DF, error code 0.</summary>
    public const byte DoubleFault = 8;

    /// <summary>#TS, error code.</summary>
    public const byte InvalidTss = 10;

    /// <summary>#NP, error code.</summary>
    public const byte SegmentNotPresent = 11;

    /// <summary>#SS, error code.</summary>
    public const byte Stack = 12;

    /// <summary>#GP, error code.</summary>
    public const byte GeneralProtection = 13;

    /// <summary>#PF, error code and CR2.</summary>
    public const byte PageFault = 14;

    /// <summary>#MF.</summary>
    public const byte X87 = 16;

    /// <summary>#AC, error code 0.</summary>
    public const byte AlignmentCheck = 17;

    /// <summary>#MC.</summary>
    public const byte MachineCheck = 18;

    /// <summary>#XM.</summary>
    public const byte Simd = 19;

    /// <summary>No exception: an instruction that waits for the x87 waits for an interrupt, because CR0.NE is clear.</summary>
    internal const byte NumericWait = 0xFD;

    /// <summary>True for exceptions that push an error code.</summary>
    public static bool HasErrorCode(uint vector) => vector is DoubleFault or (>= InvalidTss and <= PageFault) or AlignmentCheck;
}
