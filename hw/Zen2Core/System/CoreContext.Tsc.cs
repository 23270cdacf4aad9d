using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>
/// The time-stamp counter. It counts at the frequency of P-state 0 (family 17h model 31h PPR, MSR C001_0015h TscFreqSel), as the
/// definition in MSR C001_0064h gives it: software that writes another one changes the counter's rate, while the core runs on as before.
/// </summary>
public sealed unsafe partial class CoreContext
{
    /// <summary>The time-stamp counter at a core cycle.</summary>
    public ulong TscAt(ulong cycle) => State->TscRateMultiply == 0 ? cycle + State->TscOffset : ScaledTsc(cycle);

    /// <summary>Sets the time-stamp counter, as WRMSR to MSR 10h does.</summary>
    /// <param name="cycle">The core's present.</param>
    /// <param name="value">What it shows then, in ticks.</param>
    public void SetTsc(ulong cycle, ulong value)
    {
        State->TscOffset = value - cycle;
        State->TscRateFrom = cycle;
    }

    /// <summary>A span of TSC ticks in core cycles, rounded up.</summary>
    internal ulong CyclesOfTsc(ulong ticks) => State->TscRateMultiply == 0
        ? ticks
        : (ulong)((((UInt128)ticks * State->TscRateDivide) + State->TscRateMultiply - 1) / State->TscRateMultiply);

    /// <summary>The definition of P-state 0 has been written: the counter goes on from its value at the rate that follows from it.</summary>
    internal void FollowBasePState()
    {
        const uint megahertzPerStep = 200;
        ulong definition = MsrTable.Value(State, MsrNumbers.PState0);
        uint multiplier = (uint)definition & 0xFF;
        uint divisor = (uint)(definition >> 8) & 0x3F;
        // An invalid definition (FID below 10h or DID 0: off) leaves the clock as it is.
        if (multiplier < 0x10 || divisor == 0)
            return;
        ulong now = Engine?.NowCycles ?? 0;
        SetTsc(now, TscAt(now));
        uint wanted = megahertzPerStep * multiplier;
        uint core = Spec.BaseMegahertz * divisor;
        (State->TscRateMultiply, State->TscRateDivide) = wanted == core ? (0, 0) : (wanted, core);
        // Translated code reads a counter of one tick a cycle only; the functional engine says so again when it may.
        if (State->TscRateMultiply != 0)
            State->Host.ClockRuns = 0;
    }

    private ulong ScaledTsc(ulong cycle) => State->TscOffset + State->TscRateFrom
        + (ulong)((UInt128)(cycle - State->TscRateFrom) * State->TscRateMultiply / State->TscRateDivide);
}
