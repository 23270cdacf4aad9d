using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// S3 and back: the waking vector in the FACS is the trampoline of starting processors, which firmware enters in real mode (ACPI 6.3,
/// section 16.3.1). All but memory, the RTC and the PM block has lost its state then.
/// </summary>
internal static unsafe class SleepState
{
    private const int FacsWakingVector = 12, FacsExtendedVector = 24;
    private const ushort SleepEnable = 1 << 13, SleepTypeMask = 7 << 10;
    private const ushort WakeStatus = 1 << 15, RtcEvent = 1 << 10;
    private const ulong StackBytes = 8192;

    private static ulong s_saved, s_unused;
    private static byte* s_stack;

    /// <summary>Whether firmware offers S3: a sleep type in the DSDT, a FACS, and the ports.</summary>
    internal static bool IsOffered => AcpiTables.Fadt.Present && AcpiTables.Fadt.CanSuspend && AcpiTables.Fadt.Facs != 0
        && AcpiTables.Fadt.Pm1aControlPort != 0 && AcpiTables.Fadt.Pm1aEventPort != 0 && Prepare();

    private static bool Prepare()
    {
        if (s_stack == null) s_stack = (byte*)Heap.Allocate(StackBytes);
        return s_stack != null;
    }

    /// <summary>Sleeps, on the boot CPU, interrupts off and no other CPU running. Returns when the machine has woken up.</summary>
    internal static void Sleep()
    {
        PerCpu* cpu = Cpu.Current;
        Task* self = cpu->Current;
        byte* facs = AcpiTables.MapFacs();
        byte* page = Smp.PrepareTrampoline();
        ulong* arguments = (ulong*)(page + Machine.ApTrampolineArguments);
        arguments[0] = Machine.BootPageTables;
        arguments[1] = (ulong)s_stack + StackBytes;
        arguments[2] = (ulong)cpu;
        arguments[3] = (ulong)(delegate*<ulong, void>)&Woken;
        *(uint*)(facs + FacsWakingVector) = (uint)Smp.TrampolinePage;
        *(ulong*)(facs + FacsExtendedVector) = 0;
        IoApic.Save();
        Machine.Fxsave(&self->Vectors);
        // The way down runs on a stack of its own; this one goes on when the machine wakes up.
        ulong* sp = (ulong*)(s_stack + StackBytes / 2);
        *--sp = Machine.ContextStart;
        *--sp = 0;                  // RBP
        *--sp = 0;                  // RBX: argument
        *--sp = (ulong)(delegate*<ulong, void>)&GoDown; // R12
        *--sp = 0;
        *--sp = 0;
        *--sp = 0;
        Machine.ContextSwitch(Text.Address(ref s_saved), (ulong)sp);

        AddressSpace* mm = cpu->LoadedMm;
        if (mm != null) Machine.WriteCr3(mm->Root);
        cpu->FsBase = self->FsBase;
        cpu->GsBase = self->GsBase;
        Machine.Wrmsr(0xC000_0100, cpu->FsBase);
        Machine.Wrmsr(0xC000_0102, cpu->GsBase);
        Machine.Fxrstor(&self->Vectors);
        *(uint*)(facs + FacsWakingVector) = 0;
        Irq.DisablePic();
        IoApic.Restore();
        SerialPort.Initialize();
        SerialPort.AllowReceiving();
    }

    private static void GoDown(ulong argument)
    {
        ushort events = (ushort)AcpiTables.Fadt.Pm1aEventPort, control = (ushort)AcpiTables.Fadt.Pm1aControlPort;
        Machine.Out16(events, WakeStatus | RtcEvent); // written ones clear
        Machine.Out16((ushort)(events + 2), (ushort)(Machine.In16((ushort)(events + 2)) | RtcEvent));
        ushort value = (ushort)(Machine.In16(control) & ~(SleepTypeMask | SleepEnable) | AcpiTables.Fadt.SleepTypeS3 << 10);
        Machine.Wbinvd();
        Machine.Out16(control, value);
        Machine.Out16(control, (ushort)(value | SleepEnable));
        for (; ; ) Machine.Hlt();
    }

    /// <summary>C#'s entry after the trampoline: long mode, boot page tables.</summary>
    private static void Woken(ulong argument)
    {
        PerCpu* cpu = (PerCpu*)argument;
        Machine.WriteCr3(PageTable.KernelRoot);
        Machine.Wrmsr(Machine.MsrGsBase, argument);
        CpuFeatures.EnableOnThisCpu();
        DescriptorTables.Load(cpu);
        LocalApic.EnableOnThisCpu();
        ushort events = (ushort)AcpiTables.Fadt.Pm1aEventPort;
        Machine.Out16((ushort)(events + 2), (ushort)(Machine.In16((ushort)(events + 2)) & ~RtcEvent));
        Machine.Out16(events, WakeStatus | RtcEvent);
        Machine.ContextSwitch(Text.Address(ref s_unused), s_saved);
    }
}
