namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>What a breakpoint watches: the R/W field of DR7 (AMD APM vol. 2, 13.1.1.4).</summary>
internal enum BreakpointKind : byte
{
    /// <summary>Instructions.</summary>
    Execute = 0,

    /// <summary>Data writes.</summary>
    Write = 1,

    /// <summary>I/O ports, when CR4.DE is set.</summary>
    InputOutput = 2,

    /// <summary>Data reads and writes.</summary>
    ReadWrite = 3,
}

/// <summary>Fields of DR7 for one of the four breakpoints.</summary>
internal static class Breakpoint
{
    /// <summary>R/W field of breakpoint <paramref name="n"/>, 0 to 3.</summary>
    public static BreakpointKind KindOf(ulong control, int n) => (BreakpointKind)((control >> (16 + n * 4)) & 3);

    /// <summary>Bytes that breakpoint <paramref name="n"/> covers: 1, 2, 8 or 4 by LEN 0, 1, 2, 3.</summary>
    public static int LengthOf(ulong control, int n) => ((control >> (18 + n * 4)) & 3) switch { 0 => 1, 1 => 2, 2 => 8, _ => 4 };

    /// <summary>Whether an access shares a byte with a breakpoint, whose address counts from its natural boundary.</summary>
    public static bool Overlaps(ulong address, int length, ulong accessed, int size)
    {
        address &= ~((ulong)length - 1);
        return accessed < address + (uint)length && address < accessed + (uint)size;
    }
}

/// <summary>Bits of DR6 beside B0-B3 (AMD APM vol. 2, 13.1.1.3).</summary>
internal static class Dr6Bits
{
    /// <summary>BD: a debug register was about to be accessed while DR7.GD was set.</summary>
    public const uint AccessDetected = 1u << 13;

    /// <summary>BS: single step.</summary>
    public const uint SingleStep = 1u << 14;

    /// <summary>BT: switch to a task whose TSS has its T bit set.</summary>
    public const uint TaskSwitch = 1u << 15;

    /// <summary>Bits that software may write.</summary>
    public const ulong Writable = 0xE00F;

    /// <summary>Bits that always read as one.</summary>
    public const ulong AlwaysOne = 0xFFFF_0FF0;
}

/// <summary>Bits of DR7 beside the fields of <see cref="Breakpoint"/> (AMD APM vol. 2, 13.1.1.4).</summary>
internal static class Dr7Bits
{
    /// <summary>GD: accesses to debug registers raise #DB.</summary>
    public const ulong GeneralDetect = 1 << 13;

    /// <summary>Local enables, which a task switch clears.</summary>
    public const ulong LocalEnables = 0x155;

    /// <summary>Bits that software may write; 11, 12, 14 and 15 read as zero.</summary>
    public const ulong Writable = 0xFFFF_23FF;

    /// <summary>Bit 10 reads as one.</summary>
    public const ulong AlwaysOne = 0x400;
}
