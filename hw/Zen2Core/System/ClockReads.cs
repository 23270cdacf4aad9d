using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Which clock a ReadClock micro-op reads, in <see cref="MicroOp.Condition"/>.</summary>
public enum ClockKind : byte
{
    /// <summary>RDTSC, and the TSC part of RDTSCP (its TSC_AUX is a micro-op of its own).</summary>
    Tsc,

    /// <summary>RDPRU: ECX selects MPERF or APERF.</summary>
    ProcessorRegister,

    /// <summary>RDPMC: ECX selects the counter.</summary>
    PerformanceCounter,
}

/// <summary>Values of clocks at a given core cycle: what ReadClock micro-ops do, for both engines.</summary>
public static unsafe class ClockReads
{
    /// <summary>RDPMC: six counters of the core, then four of the data fabric and six of the L3 cache (CPUID 8000_0001h ECX bits 24 and 28).</summary>
    private const uint LastCounter = 0xF;

    /// <summary>Reads the clock that <paramref name="op"/> names.</summary>
    /// <param name="core">The core.</param>
    /// <param name="op">A micro-op of class <see cref="MicroOpClass.ReadClock"/>.</param>
    /// <param name="cycle">The reference cycle at which it is read.</param>
    /// <param name="selector">Value of ECX, source C of the micro-op.</param>
    /// <param name="value">The 64-bit value: low half to Dst, high half to Dst2.</param>
    /// <returns>0, or <see cref="ExecArgs.FaultBit"/> plus the vector.</returns>
    public static uint Read(CoreContext core, MicroOp* op, ulong cycle, ulong selector, out ulong value)
    {
        CpuState* s = core.State;
        value = 0;
        bool user = s->Cpl != 0 && s->Mode != CpuMode.Real;
        switch ((ClockKind)op->Condition)
        {
            case ClockKind.Tsc:
                if (user && (s->Cr4 & ControlBits.Cr4TimeStampDisable) != 0)
                    return ExecArgs.FaultBit | ExceptionVector.GeneralProtection;
                value = core.TscAt(cycle);
                return 0;
            case ClockKind.ProcessorRegister:
                if (user && (s->Cr4 & ControlBits.Cr4TimeStampDisable) != 0)
                    return ExecArgs.FaultBit | ExceptionVector.InvalidOpcode;
                // Unimplemented selectors return zero (AMD APM vol. 3, RDPRU).
                ulong awake = cycle - s->HaltedCycles;
                value = (uint)selector switch { 0 => PStates.ReferenceCycles(core, awake), 1 => PStates.ActualCycles(core, awake), _ => 0 };
                return 0;
            default:
                if (user && (s->Cr4 & ControlBits.Cr4PerformanceCounters) == 0)
                    return ExecArgs.FaultBit | ExceptionVector.GeneralProtection;
                uint counter = (uint)selector;
                if (counter > LastCounter)
                    return ExecArgs.FaultBit | ExceptionVector.GeneralProtection;
                if (counter < PerformanceCounters.Count)
                    value = core.Counters.Read((int)counter);
                else
                    core.Probe.OnUnmodelled(core, $"RDPMC {counter:X}h: the counters of the data fabric and of the L3 cache do not count");
                return 0;
        }
    }

    /// <summary>Functional handler of ReadClock micro-ops.</summary>
    internal static MicroOp* Handler(CpuState* s, MicroOp* op)
    {
        CoreContext core = CoreContext.Of(s);
        ulong cycle = core.CycleOf(op->InstructionIndex);
        // Counters see the instructions before this one in its block.
        s->Executed += op->InstructionIndex;
        uint fault = Read(core, op, cycle, s->Gpr[1], out ulong value);
        s->Executed -= op->InstructionIndex;
        if (fault != 0)
            return Leave.Fault(s, op, fault & 0xFF, 0);
        *(ulong*)((byte*)s + op->Dst) = (uint)value;
        *(ulong*)((byte*)s + op->Dst2) = value >> 32;
        if (core.ExecutionProbe != null)
            core.NoteClockRead(op->Rip, cycle, (ClockKind)op->Condition, value);
        return op + 1;
    }

    /// <summary>TSC_AUX, for RDTSCP and RDPID: it changes only by WRMSR, which serialises.</summary>
    internal static MicroOp* AuxHandler(CpuState* s, MicroOp* op)
    {
        *(ulong*)((byte*)s + op->Dst) = MsrTable.Value(s, MsrNumbers.TscAux);
        return op + 1;
    }

    /// <summary>Value function of the same.</summary>
    internal static void AuxValue(ExecArgs* e, MicroOp* op) => e->Result = MsrTable.Value(e->State, MsrNumbers.TscAux);
}
