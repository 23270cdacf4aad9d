namespace CoSim.Hw.Simulation;

/// <summary>
/// The modulation that a clock generator puts on its output to spread its emissions: the frequency falls in a straight line from its full
/// rate to a given depth below it and rises again, 31,250 times a second (PCI Express Card Electromechanical Specification 2.0, 2.1.3: down-spread
/// of at most 0.5 %, modulated at 30 to 33 kHz, usually in triangles).
/// </summary>
/// <remarks>
/// <para>
/// It is a change of time: after t femtoseconds the clock has gone as far as the clock without modulation after <see cref="PhaseAt"/>(t), which
/// is t less the integral of what the frequency lacks, rounded to a femtosecond. So ticks stay an exact function of time.
/// </para>
/// <para>
/// With a period of 32 us a depth of d ppb takes 16 d fs from every period, a whole number. Within one, after x fs of the falling half, it has taken
/// d x^2 / (10^9 * 32 us); the rising half is its mirror image. A phase never stands for more than a femtosecond in a hundred and never
/// skips one, so each has a first time, <see cref="TimeOf"/>.
/// </para>
/// </remarks>
public sealed class SpreadSpectrum
{
    /// <summary>The deepest modulation, in ppb: 1 %.</summary>
    public const int Deepest = 10_000_000;

    private const ulong Half = 16_000_000_000, BillionParts = 1_000_000_000;

    private readonly ulong _depth;

    /// <summary>Describes a modulation.</summary>
    /// <param name="depthPartsPerBillion">How far the lowest frequency is below the highest, in ppb, 0 to <see cref="Deepest"/>; 0 modulates nothing.</param>
    public SpreadSpectrum(int depthPartsPerBillion)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(depthPartsPerBillion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depthPartsPerBillion, Deepest);
        _depth = (ulong)depthPartsPerBillion;
    }

    /// <summary>No modulation.</summary>
    public static SpreadSpectrum None { get; } = new(0);

    /// <summary>The modulation's period: 32 us.</summary>
    public static SimDuration Period { get; } = SimDuration.FromFemtoseconds(2 * Half);

    /// <summary>How far the lowest frequency is below the highest, in ppb.</summary>
    public int DepthPartsPerBillion => (int)_depth;

    /// <summary>Femtoseconds that a period takes from the clock.</summary>
    private ulong LossOfPeriod => Half * _depth / BillionParts;

    /// <summary>How long the clock without modulation takes to get as far, in femtoseconds since reset. Never falls, and rises by 0 or 1 a femtosecond.</summary>
    public UInt128 PhaseAt(SimTime time)
    {
        if (_depth == 0)
            return time.Femtoseconds;
        UInt128 periods = time.Femtoseconds / (2 * Half);
        ulong within = (ulong)(time.Femtoseconds - (periods * (2 * Half)));
        return time.Femtoseconds - (periods * LossOfPeriod) - LossAfter(within);
    }

    /// <summary>The first time at which a phase is reached: the exact inverse of <see cref="PhaseAt"/>.</summary>
    public SimTime TimeOf(UInt128 phase)
    {
        if (_depth == 0)
            return SimTime.FromFemtoseconds(phase);
        UInt128 gain = (2 * Half) - LossOfPeriod;
        UInt128 periods = phase / gain;
        ulong rest = (ulong)(phase - (periods * gain)), within = rest;
        // The least x with x = rest + loss(x): each round comes a hundred times nearer, from below.
        for (ulong next = rest + LossAfter(within); next != within; next = rest + LossAfter(within))
            within = next;
        return SimTime.FromFemtoseconds((periods * (2 * Half)) + within);
    }

    /// <summary>Whole femtoseconds lost after some of a period.</summary>
    private ulong LossAfter(ulong within)
    {
        // 10^9 ppb * 2 halves, and the integral of a triangle.
        UInt128 unit = (UInt128)BillionParts * (2 * Half);
        UInt128 square = within <= Half
            ? (UInt128)within * within
            : (2 * (UInt128)Half * Half) - ((UInt128)((2 * Half) - within) * ((2 * Half) - within));
        return (ulong)(_depth * square / unit);
    }
}
