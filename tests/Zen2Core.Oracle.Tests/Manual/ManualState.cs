using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>What the operations of the manual read and write: the registers of a core in long mode, copied.</summary>
internal sealed class ManualState
{
    /// <summary>RAX to R15, in encoding order.</summary>
    public ulong[] Gpr { get; private init; } = new ulong[16];

    /// <summary>Segment registers by <see cref="SegmentIndex"/>.</summary>
    public SegmentRegister[] Segments { get; private init; } = new SegmentRegister[8];

    /// <summary>DR0 to DR7.</summary>
    public ulong[] Dr { get; private init; } = new ulong[8];

    /// <summary>Model-specific registers that have no other place here.</summary>
    public SortedDictionary<uint, ulong> Msr { get; private init; } = [];

    public ulong Rip { get; set; }

    public ulong Rflags { get; set; }

    public TableRegister Gdtr { get; set; }

    public TableRegister Idtr { get; set; }

    public ulong Cr0 { get; set; }

    public ulong Cr2 { get; set; }

    public ulong Cr3 { get; set; }

    public ulong Cr4 { get; set; }

    public ulong Xcr0 { get; set; }

    public ulong Efer { get; set; }

    /// <summary>Current privilege level, 0 or 3 in these tests.</summary>
    public int Cpl { get; set; }

    /// <summary>Whether CS holds 64-bit code.</summary>
    public bool Is64Bit => (Segments[(int)SegmentIndex.Cs].Attributes & SegmentRegister.Long) != 0;

    /// <summary>A copy that shares nothing.</summary>
    public ManualState Clone() => new()
    {
        Gpr = [.. Gpr],
        Segments = [.. Segments],
        Dr = [.. Dr],
        Msr = new SortedDictionary<uint, ulong>(Msr),
        Rip = Rip,
        Rflags = Rflags,
        Gdtr = Gdtr,
        Idtr = Idtr,
        Cr0 = Cr0,
        Cr2 = Cr2,
        Cr3 = Cr3,
        Cr4 = Cr4,
        Xcr0 = Xcr0,
        Efer = Efer,
        Cpl = Cpl,
    };
}

/// <summary>An exception or software interrupt that an operation ends with.</summary>
/// <param name="vector">0 to 255.</param>
/// <param name="code">Error code, 0 for vectors without.</param>
internal sealed class ManualException(uint vector, ulong code) : Exception
{
    /// <summary>0 to 255.</summary>
    public uint Vector { get; } = vector;

    /// <summary>Error code, 0 for vectors without.</summary>
    public ulong Code { get; } = code;

    /// <summary>The saved instruction pointer is that of the next instruction: software interrupts and traps.</summary>
    public bool IsTrap { get; init; }

    /// <summary>Linear address of a page fault.</summary>
    public ulong? Address { get; init; }

    public static ManualException Undefined() => new(6, 0);

    public static ManualException Protection(ulong code) => new(13, code);
}
