using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// P-states by MSR (C001_0061h-6Bh; family 17h model 31h PPR 55803, 2.1.14) and the clocks that tell them apart: MPERF counts at the P0
/// frequency, APERF at the frequency of the P-state in force, both only while the core is awake. The TSC does not follow. Each core has
/// a P-state of its own; boost above P0 is not modelled.
/// </summary>
internal static unsafe class PStates
{
    private const int Highest = 7;
    private const ulong Enabled = 1UL << 63;

    /// <summary>CpuFid and CpuDfsId of a definition give 200 MHz times their quotient.</summary>
    private const uint MegahertzPerStep = 200;

    /// <summary>
    /// How long the core is not available while its frequency changes: the latency that EPYC 7002 firmware gives in _PSS (ACPI 6.3, 8.4.6.2).
    /// </summary>
    private static readonly SimDuration s_transition = SimDuration.FromMicroseconds(1);

    /// <summary>
    /// Puts the model's P-states in the place of the dumped 7742's, with their voltages and currents, which nobody has published for others: P0 by
    /// steps of 25 MHz (divisor 8), 1500 MHz as dumped, what lies between by steps of 20 MHz like the dump's 2000 MHz (divisor 10).
    /// </summary>
    public static void Define(CoreContext core)
    {
        const uint megahertzOfP0 = 25, megahertzOfP1 = 20, lowest = 1500;
        CpuState* s = core.State;
        ulong fast = MsrTable.Value(s, MsrNumbers.PState0), middle = MsrTable.Value(s, MsrNumbers.PState0 + 1), slow = MsrTable.Value(s, MsrNumbers.PState0 + 2);
        MsrTable.Set(s, MsrNumbers.PState0, (fast & ~0xFFUL) | (core.Spec.BaseMegahertz / megahertzOfP0));
        IReadOnlyList<uint> slower = core.Spec.SlowerMegahertz;
        for (int n = 0; n < Highest; n++)
        {
            ulong definition = n >= slower.Count ? 0 : slower[n] == lowest ? slow : (middle & ~0xFFUL) | (slower[n] / megahertzOfP1);
            MsrTable.Set(s, MsrNumbers.PState0 + 1 + (uint)n, definition);
        }

        MsrTable.Set(s, MsrNumbers.PStateLimit, (ulong)slower.Count << 4);
        TellStatus(s, 0);
    }

    /// <summary>PStateStat, and HwPStateStatus: the state's number over its voltage, divisor and multiplier, as the definition has them.</summary>
    private static void TellStatus(CpuState* s, uint state)
    {
        const int number = 22;
        MsrTable.Set(s, MsrNumbers.PStateStatus, state);
        ulong definition = MsrTable.Value(s, MsrNumbers.PState0 + state);
        MsrTable.Set(s, MsrNumbers.HardwarePStateStatus, ((ulong)state << number) | (definition & ((1UL << number) - 1)));
    }

    /// <summary>PStateCtl: the state asked for, cut to the last one that PStateCurLim allows. False: the definition is not enabled.</summary>
    public static bool Select(CoreContext core, ulong command)
    {
        CpuState* s = core.State;
        uint last = (uint)(MsrTable.Value(s, MsrNumbers.PStateLimit) >> 4) & Highest;
        uint state = Math.Min((uint)command & Highest, last);
        ulong definition = MsrTable.Value(s, MsrNumbers.PState0 + state);
        if ((definition & Enabled) == 0)
            return false;
        MsrTable.Set(s, MsrNumbers.PStateControl, command & Highest);
        TellStatus(s, state);
        uint multiply = MegahertzPerStep * Math.Max(1, (uint)definition & 0xFF);
        uint divide = core.Spec.BaseMegahertz * Math.Max(1, (uint)(definition >> 8) & 0x3F);
        if (multiply > divide)
        {
            core.Probe.OnUnmodelled(core, $"P-state {state} of {multiply / (divide / core.Spec.BaseMegahertz)} MHz is above the {core.Spec.BaseMegahertz} MHz of the reference clock, at which the core runs");
            multiply = divide;
        }

        (uint Multiply, uint Divide) before = core.Speed;
        core.RunAt(multiply, divide);
        if (core.Speed != before)
            core.Engine?.StallTime(core.Clock.Actual.TicksIn((UInt128)s_transition.Femtoseconds));
        return true;
    }

    /// <summary>MPERF when the core has been awake for so many reference cycles.</summary>
    public static ulong ReferenceCycles(CoreContext core, ulong awake) => MsrTable.Value(core.State, MsrNumbers.Mperf) + awake;

    /// <summary>APERF likewise.</summary>
    public static ulong ActualCycles(CoreContext core, ulong awake) => MsrTable.Value(core.State, MsrNumbers.Aperf) + core.CoreCycles(awake);
}
