namespace CoSim.Hw.Simulation;

/// <summary>
/// Everything that one oscillator drives at one rate: a nominal frequency, the oscillator's error, and ticks as a pure
/// function of time. A clock domain does not tick and holds no state.
/// </summary>
public sealed class ClockDomain
{
    /// <summary>Makes a domain.</summary>
    /// <param name="name">As users know it: <c>REFCLK</c>, <c>FCH</c>, <c>RTC</c>.</param>
    /// <param name="nominal">The rate that the data sheet gives.</param>
    /// <param name="errorPartsPerBillion">How far the oscillator is off, in ppb; positive is fast.</param>
    public ClockDomain(string name, Frequency nominal, int errorPartsPerBillion)
    {
        Name = name;
        Nominal = nominal;
        ErrorPartsPerBillion = errorPartsPerBillion;
        Actual = nominal.WithError(errorPartsPerBillion);
    }

    public string Name { get; }

    /// <summary>The rate that software is told.</summary>
    public Frequency Nominal { get; }

    /// <summary>The rate that it gets.</summary>
    public Frequency Actual { get; }

    public int ErrorPartsPerBillion { get; }

    /// <summary>Ticks that have happened since reset. Rounds down.</summary>
    public ulong TicksAt(SimTime time) => Actual.TicksIn(time.Femtoseconds);

    /// <summary>The first point at which <paramref name="tick"/> ticks have happened.</summary>
    public SimTime TimeOf(ulong tick) => SimTime.FromFemtoseconds(Actual.SpanOf(tick));

    /// <summary>A domain on the same oscillator at a multiple of its rate: a PLL or a divider, with the same error.</summary>
    public ClockDomain Derive(string name, ulong multiply, ulong divide) =>
        new(name, new Frequency(Nominal.Numerator * multiply, Nominal.Denominator * divide), ErrorPartsPerBillion);

    public override string ToString() => $"{Name}: {Actual}";
}
