using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// P-states by MSR (C001_0061h-6Bh; family 17h model 31h PPR, 2.1.14) and the clocks that tell them apart: MPERF counts at the P0
/// frequency, APERF at the frequency of the P-state in force, both only while the core is awake. The TSC does not follow.
/// Instructions go on taking the time they take at P0.
/// </summary>
internal static unsafe class PStates
{
    private const int Highest = 7;
    private const ulong Enabled = 1UL << 63;

    /// <summary>PStateCtl: the state asked for, cut to the last one that PStateCurLim allows. False: the definition is not enabled.</summary>
    public static bool Select(CoreContext core, ulong command)
    {
        CpuState* s = core.State;
        uint last = (uint)(MsrTable.Value(s, MsrNumbers.PStateLimit) >> 4) & Highest;
        uint state = Math.Min((uint)command & Highest, last);
        if ((MsrTable.Value(s, MsrNumbers.PState0 + state) & Enabled) == 0)
            return false;
        ulong aperf = ActualCycles(core, core.AwakeCycles);
        MsrTable.Set(s, MsrNumbers.PStateControl, command & Highest);
        MsrTable.Set(s, MsrNumbers.PStateStatus, state);
        MsrTable.Set(s, MsrNumbers.Aperf, 0);
        MsrTable.Set(s, MsrNumbers.Aperf, aperf - ActualCycles(core, core.AwakeCycles));
        if (state != 0 && !core.SlowPStateTold)
        {
            core.SlowPStateTold = true;
            core.Probe.OnUnmodelled(core, $"P-state {state} slows nothing but APERF down");
        }

        return true;
    }

    /// <summary>MPERF when the core has been awake for so many P0 cycles.</summary>
    public static ulong ReferenceCycles(CoreContext core, ulong awake) => MsrTable.Value(core.State, MsrNumbers.Mperf) + awake;

    /// <summary>APERF likewise.</summary>
    public static ulong ActualCycles(CoreContext core, ulong awake)
    {
        CpuState* s = core.State;
        uint state = (uint)MsrTable.Value(s, MsrNumbers.PStateStatus) & Highest;
        ulong start = MsrTable.Value(s, MsrNumbers.Aperf);
        if (state == 0)
            return start + awake;
        (ulong multiplier, ulong divisor) = Ratio(s, state);
        (ulong baseMultiplier, ulong baseDivisor) = Ratio(s, 0);
        UInt128 scaled = (UInt128)awake * multiplier * baseDivisor / (divisor * baseMultiplier);
        return start + (ulong)scaled;
    }

    /// <summary>CpuFid and CpuDfsId of a definition; the frequency is 200 MHz times their quotient.</summary>
    private static (ulong Multiplier, ulong Divisor) Ratio(CpuState* s, uint state)
    {
        ulong definition = MsrTable.Value(s, MsrNumbers.PState0 + state);
        return (Math.Max(1, definition & 0xFF), Math.Max(1, (definition >> 8) & 0x3F));
    }
}
