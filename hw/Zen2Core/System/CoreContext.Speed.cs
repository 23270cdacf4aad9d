using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core;

/// <summary>
/// How fast the core runs. Time is counted in reference cycles, those of the model's P0 frequency, by all cores alike; in a slower P-state
/// a core has fewer cycles of its own in the same time. This is the only place that knows how many.
/// </summary>
public sealed unsafe partial class CoreContext
{
    /// <summary>Core cycles per reference cycles of the P-state in force, an exact ratio in lowest terms; 1 to 1 in P-state 0, never more.</summary>
    public (uint Multiply, uint Divide) Speed => State->SpeedMultiply == 0 ? (1, 1) : (State->SpeedMultiply, State->SpeedDivide);

    /// <summary>The core's own cycles since reset, in which it was not halted: what APERF and PMCx076 count.</summary>
    /// <param name="awake">Reference cycles since reset in which it was not halted, not before the last change of speed: <see cref="AwakeCycles"/>.</param>
    public ulong CoreCycles(ulong awake)
    {
        ulong since = awake - State->SpeedFrom;
        return State->SpeedCycles + (State->SpeedMultiply == 0 ? since : (ulong)((UInt128)since * State->SpeedMultiply / State->SpeedDivide));
    }

    /// <summary>The core runs at another speed from its present on; what it has counted stays.</summary>
    /// <param name="multiply">Core cycles in <paramref name="divide"/> reference cycles: 1 at least, and not more than those.</param>
    /// <param name="divide">Reference cycles.</param>
    internal void RunAt(uint multiply, uint divide)
    {
        if ((ulong)Speed.Multiply * divide == (ulong)Speed.Divide * multiply)
            return;
        ulong awake = AwakeCycles;
        State->SpeedCycles = CoreCycles(awake);
        State->SpeedFrom = awake;
        uint common = CommonDivisor(multiply, divide);
        (State->SpeedMultiply, State->SpeedDivide) = multiply == divide ? (0, 0) : (multiply / common, divide / common);
        Engine?.ChangeSpeed();
    }

    private static uint CommonDivisor(uint a, uint b) => b == 0 ? a : CommonDivisor(b, a % b);
}
