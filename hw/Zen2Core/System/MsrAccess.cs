using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>RDMSR and WRMSR: registers with a meaning of their own, then the table. Unknown numbers raise #GP and are logged.</summary>
internal static unsafe class MsrAccess
{
    private const uint X2ApicFirst = 0x800, X2ApicLast = 0x8FF;
    private const uint LegacyPerfControl = 0xC001_0000, PredictionCommand = 0x49;

    /// <summary>RDMSR.</summary>
    public static MicrocodeResult Read(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        uint number = (uint)s->Gpr[1];
        core.Synchronise(0);
        if (!TryRead(core, number, out ulong value))
        {
            core.Probe.OnUnmodelled(core, $"RDMSR {number:X8}h at {op->Rip:X}h");
            return core.Raise(ExceptionVector.GeneralProtection);
        }

        s->Gpr[0] = (uint)value;
        s->Gpr[2] = value >> 32;
        core.NoteMsr(op->Rip, number, value, isWrite: false);
        return MicrocodeResult.Done;
    }

    /// <summary>WRMSR.</summary>
    public static MicrocodeResult Write(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        uint number = (uint)s->Gpr[1];
        ulong value = (uint)s->Gpr[0] | (s->Gpr[2] << 32);
        core.Synchronise(0);
        if (TryWrite(core, number, value))
        {
            core.NoteMsr(op->Rip, number, value, isWrite: true);
            return MicrocodeResult.Done;
        }

        if (MsrTable.Find(number) is null)
            core.Probe.OnUnmodelled(core, $"WRMSR {number:X8}h = {value:X}h at {op->Rip:X}h");
        return core.Raise(ExceptionVector.GeneralProtection);
    }

    /// <summary>Reads an MSR. False means #GP.</summary>
    public static bool TryRead(CoreContext core, uint number, out ulong value)
    {
        CpuState* s = core.State;
        switch (number)
        {
            case MsrNumbers.Tsc:
                value = core.TscAt(core.Engine?.NowCycles ?? 0);
                return true;
            case MsrNumbers.Mperf or MsrNumbers.MperfReadOnly:
                value = PStates.ReferenceCycles(core, core.AwakeCycles);
                return true;
            case MsrNumbers.Aperf or MsrNumbers.AperfReadOnly:
                value = PStates.ActualCycles(core, core.AwakeCycles);
                return true;
            case MsrNumbers.InstructionsRetired:
                value = s->Executed;
                return true;
            case MsrNumbers.Efer:
                value = s->Efer;
                return true;
            case MsrNumbers.FsBase:
                value = CpuState.Segment(s, SegmentIndex.Fs).Base;
                return true;
            case MsrNumbers.GsBase:
                value = CpuState.Segment(s, SegmentIndex.Gs).Base;
                return true;
            case MsrNumbers.ApicBase or (>= X2ApicFirst and <= X2ApicLast):
                value = 0;
                return core.Interrupts is { } apic && apic.TryReadMsr(number, out value);
        }

        if (LegacyPerformance(number) is { } alias)
            number = alias;
        if (PerformanceCounters.Owns(number) && (number & 1) != 0)
        {
            value = core.Counters.Read((int)((number & 0xF) >> 1));
            return true;
        }

        number = MachineCheckBanks.Canonical(number);
        MsrRow? row = MsrTable.Find(number);
        value = row is null ? 0 : s->Msr[row.Slot];
        return row is not null || MachineCheckBanks.Owns(number);
    }

    /// <summary>Writes an MSR. False means #GP.</summary>
    public static bool TryWrite(CoreContext core, uint number, ulong value)
    {
        CpuState* s = core.State;
        switch (number)
        {
            case MsrNumbers.Tsc:
                core.SetTsc(core.Engine?.NowCycles ?? 0, value);
                return true;
            case MsrNumbers.Mperf:
                MsrTable.Set(s, number, value - core.AwakeCycles);
                return true;
            case MsrNumbers.Aperf:
                MsrTable.Set(s, number, 0);
                MsrTable.Set(s, number, value - PStates.ActualCycles(core, core.AwakeCycles));
                return true;
            case MsrNumbers.PStateControl:
                return (value & ~7UL) == 0 && PStates.Select(core, value);
            case MsrNumbers.Efer:
                return WriteEfer(core, value);
            case MsrNumbers.FsBase or MsrNumbers.GsBase or MsrNumbers.KernelGsBase or MsrNumbers.LongStar or MsrNumbers.CompatibilityStar
                when !VirtualMemory.IsCanonical(value):
                return false;
            case MsrNumbers.FsBase:
                CpuState.Segment(s, SegmentIndex.Fs).Base = value;
                return true;
            case MsrNumbers.GsBase:
                CpuState.Segment(s, SegmentIndex.Gs).Base = value;
                return true;
            case MsrNumbers.ApicBase or (>= X2ApicFirst and <= X2ApicLast):
                return core.Interrupts is { } apic && apic.TryWriteMsr(number, value);
            case MsrNumbers.Pat when !ValidPat(value):
                return false;
            case PredictionCommand:
                return (value & ~1UL) == 0;
        }

        if (LegacyPerformance(number) is { } alias)
            number = alias;
        number = MachineCheckBanks.Canonical(number);
        if (MachineCheckBanks.Owns(number) && (!MachineCheckBanks.Accepts(s, number, value) || MsrTable.Find(number) is null))
            return value == 0;
        // Locked SMM registers are read-only (PPR 17h, HWCR.SmmLock).
        bool memoryView = number is MsrNumbers.SmmAddress or MsrNumbers.SmmMask;
        if ((memoryView || number == MsrNumbers.SmmBase) && (MsrTable.Value(s, MsrNumbers.Hwcr) & 1) != 0)
            return false;
        // HWCR.SmmLock stays once it is set.
        if (number == MsrNumbers.Hwcr)
            value |= MsrTable.Value(s, number) & 1;
        bool counts = PerformanceCounters.Owns(number);
        if (counts)
            core.Counters.BeforeWrite();
        MsrRow? row = MsrTable.Find(number);
        if (row is null || (value & row.Reserved) != 0)
            return false;
        ref ulong stored = ref s->Msr[row.Slot];
        stored = (stored & ~row.Writable) | (value & row.Writable);
        if (memoryView)
            core.ChangeMemoryView();
        if (counts)
            core.Counters.Restart();
        if (number == MsrNumbers.DebugControl)
            core.DebugChanged();
        if (number == MsrNumbers.PState0)
            core.FollowBasePState();
        if (number is >= MsrNumbers.MtrrBase0 and <= MsrNumbers.MtrrDefault)
            core.MemoryTypesVersion++;
        return true;
    }

    private static bool WriteEfer(CoreContext core, ulong value)
    {
        CpuState* s = core.State;
        const ulong active = ControlBits.EferLongActive;
        const ulong svm = 1 << 12;
        if ((value & ~ControlBits.EferImplemented) != 0 || (value & svm) != 0)
            return false;
        bool paging = (s->Cr0 & ControlBits.Cr0Paging) != 0;
        if (paging && ((value ^ s->Efer) & ControlBits.EferLongEnable) != 0)
            return false;
        s->Efer = (value & ~active) | (s->Efer & active);
        core.RefreshMode();
        core.Virtual.Flush();
        return true;
    }

    private static bool ValidPat(ulong value)
    {
        for (int n = 0; n < 64; n += 8)
        {
            if (((value >> n) & 0xFF) is 2 or 3 or > 7)
                return false;
        }

        return true;
    }

    /// <summary>C001_0000h-07h are aliases of the first four extended counters.</summary>
    private static uint? LegacyPerformance(uint number) => (number - LegacyPerfControl) switch
    {
        < 4 => 0xC001_0200 + 2 * (number - LegacyPerfControl),
        < 8 => 0xC001_0201 + 2 * (number - LegacyPerfControl - 4),
        _ => null,
    };
}
