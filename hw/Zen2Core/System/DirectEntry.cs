using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// The state in which a boot loader enters a program: flat segments, interrupts off, paging off in protected mode, four-level
/// paging in long mode. Registers that are not named are 0.
/// </summary>
public sealed record DirectEntry
{
    /// <summary>64-bit mode; false: 32-bit protected mode.</summary>
    public bool LongMode { get; init; }

    /// <summary>Where the program starts.</summary>
    public required ulong Rip { get; init; }

    /// <summary>RAX at the start.</summary>
    public ulong Rax { get; init; }

    /// <summary>RBX at the start.</summary>
    public ulong Rbx { get; init; }

    /// <summary>RSI at the start.</summary>
    public ulong Rsi { get; init; }

    /// <summary>Physical address of the page map; long mode only.</summary>
    public ulong PageMap { get; init; }

    /// <summary>Physical address of the descriptor table that the selectors refer to.</summary>
    public ulong DescriptorTable { get; init; }

    /// <summary>Length of the descriptor table in bytes.</summary>
    public uint DescriptorTableLength { get; init; }

    /// <summary>Selector of the code segment.</summary>
    public ushort CodeSelector { get; init; }

    /// <summary>Selector of DS, ES, FS, GS and SS.</summary>
    public ushort DataSelector { get; init; }
}

/// <summary>Puts a core that has just been reset where a boot loader would leave it.</summary>
public static unsafe class DirectStart
{
    private const ushort FlatCode = 0x9B | SegmentRegister.Granular, FlatData = 0x93 | SegmentRegister.Granular | SegmentRegister.Big;
    private const ushort BusyTss = 0x8B;
    private const uint TssLimit = 0x67;

    /// <summary>Starts the boot processor's program.</summary>
    public static void Enter(CoreContext core, DirectEntry entry)
    {
        CpuState* s = core.State;
        for (int n = 0; n < Reg.GprCount; n++)
            s->Gpr[n] = 0;
        s->Gpr[Reg.Rax / sizeof(ulong)] = entry.Rax;
        s->Gpr[Reg.Rbx / sizeof(ulong)] = entry.Rbx;
        s->Gpr[Reg.Rsi / sizeof(ulong)] = entry.Rsi;
        s->Rip = entry.Rip;
        s->SetRFlags(0);
        s->Cr0 = ControlBits.Cr0Protection | ControlBits.Cr0ExtensionType;
        s->Cr3 = s->Cr4 = s->Efer = 0;
        if (entry.LongMode)
        {
            s->Cr0 |= ControlBits.Cr0Paging;
            s->Cr3 = entry.PageMap;
            s->Cr4 = ControlBits.Cr4Pae;
            s->Efer = ControlBits.EferLongEnable | ControlBits.EferLongActive;
        }

        s->Gdtr.Base = entry.DescriptorTable;
        s->Gdtr.Limit = entry.DescriptorTableLength - 1;
        s->Idtr = default;
        Set(s, SegmentIndex.Cs, entry.CodeSelector, (ushort)(FlatCode | (entry.LongMode ? SegmentRegister.Long : SegmentRegister.Big)));
        foreach (SegmentIndex n in (ReadOnlySpan<SegmentIndex>)[SegmentIndex.Es, SegmentIndex.Ss, SegmentIndex.Ds, SegmentIndex.Fs, SegmentIndex.Gs])
            Set(s, n, entry.DataSelector, FlatData);
        // A task register that is valid, as PVH wants it; nobody switches tasks with it.
        ref SegmentRegister task = ref CpuState.Segment(s, SegmentIndex.Tr);
        task.Attributes = BusyTss;
        task.Limit = TssLimit;
        core.RefreshMode();
        core.Virtual.Flush();
    }

    /// <summary>Switches a core's caches on, which firmware does on every processor.</summary>
    public static void EnableCaches(CoreContext core) =>
        core.State->Cr0 &= ~(ControlBits.Cr0CacheDisable | ControlBits.Cr0NotWriteThrough);

    /// <summary>Writes an MSR as WRMSR does.</summary>
    /// <returns>False when WRMSR would raise #GP.</returns>
    public static bool TryWriteMsr(CoreContext core, uint number, ulong value) => MsrAccess.TryWrite(core, number, value);

    /// <summary>Reads an MSR as RDMSR would; false for #GP.</summary>
    public static bool TryReadMsr(CoreContext core, uint number, out ulong value) => MsrAccess.TryRead(core, number, out value);

    private static void Set(CpuState* s, SegmentIndex index, ushort selector, ushort attributes)
    {
        ref SegmentRegister register = ref CpuState.Segment(s, index);
        register.Selector = selector;
        register.Base = 0;
        register.Limit = uint.MaxValue;
        register.Attributes = attributes;
    }
}
