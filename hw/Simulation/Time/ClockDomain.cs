namespace CoSim.Hw.Simulation;

/// <summary>
/// Everything that one oscillator drives at one rate: a nominal frequency, the oscillator's error, and ticks as a pure
/// function of time. A clock domain does not tick; its only state is when its oscillator drifted (<see cref="Drift"/>).
/// </summary>
public sealed class ClockDomain : IStateful
{
    private const int LargestError = 100_000_000;

    private readonly List<ClockDomain> _derived = [];
    private readonly List<Stretch> _drifts = [];
    private readonly SpreadSpectrum _spread;
    private readonly Frequency _initial;

    /// <summary>Makes a domain.</summary>
    /// <param name="name">As users know it: <c>REFCLK</c>, <c>FCH</c>, <c>RTC</c>.</param>
    /// <param name="nominal">The rate that the data sheet gives.</param>
    /// <param name="errorPartsPerBillion">How far the oscillator is off, in ppb; positive is fast.</param>
    public ClockDomain(string name, Frequency nominal, int errorPartsPerBillion)
        : this(name, nominal, errorPartsPerBillion, SpreadSpectrum.None)
    {
    }

    /// <summary>Makes a domain whose oscillator is modulated.</summary>
    /// <param name="name">As users know it.</param>
    /// <param name="nominal">The rate that the data sheet gives.</param>
    /// <param name="errorPartsPerBillion">How far the oscillator is off, without the modulation, in ppb; positive is fast.</param>
    /// <param name="spread">The modulation.</param>
    public ClockDomain(string name, Frequency nominal, int errorPartsPerBillion, SpreadSpectrum spread)
    {
        Name = name;
        Nominal = nominal;
        ErrorPartsPerBillion = errorPartsPerBillion;
        _spread = spread;
        _initial = nominal.WithError(errorPartsPerBillion);
        Actual = Mean(errorPartsPerBillion);
    }

    public string Name { get; }

    /// <inheritdoc/>
    public string StateName => $"clock.{Name}";

    /// <summary>The rate that software is told.</summary>
    public Frequency Nominal { get; }

    /// <summary>The rate that it gets now, in the mean of its modulation.</summary>
    public Frequency Actual { get; private set; }

    /// <summary>How far the oscillator is off when the machine leaves reset, in ppb.</summary>
    public int ErrorPartsPerBillion { get; }

    /// <summary>The rate has changed: whoever has scheduled a tick must work out its time anew.</summary>
    public event Action? Drifted;

    /// <summary>Ticks that have happened since reset. Rounds down.</summary>
    public ulong TicksAt(SimTime time)
    {
        UInt128 phase = _spread.PhaseAt(time);
        for (int i = _drifts.Count - 1; i >= 0; i--)
        {
            if (time >= _drifts[i].Start)
                return _drifts[i].FirstTick + _drifts[i].Rate.TicksIn(phase - _spread.PhaseAt(_drifts[i].Start));
        }

        return _initial.TicksIn(phase);
    }

    /// <summary>The first point at which <paramref name="tick"/> ticks have happened.</summary>
    public SimTime TimeOf(ulong tick)
    {
        for (int i = _drifts.Count - 1; i >= 0; i--)
        {
            if (tick > _drifts[i].FirstTick)
                return _spread.TimeOf(_spread.PhaseAt(_drifts[i].Start) + _drifts[i].Rate.SpanOf(tick - _drifts[i].FirstTick));
        }

        return _spread.TimeOf(_initial.SpanOf(tick));
    }

    /// <summary>A domain on the same oscillator at a multiple of its rate: a PLL or a divider, with the same error and modulation. It drifts with this one.</summary>
    public ClockDomain Derive(string name, ulong multiply, ulong divide)
    {
        ClockDomain derived = new(name, new Frequency(Nominal.Numerator * multiply, Nominal.Denominator * divide), ErrorPartsPerBillion, _spread);
        _derived.Add(derived);
        return derived;
    }

    /// <summary>
    /// The oscillator runs at another error from a time on, and with it everything derived from it. Ticks so far stay; the tick under way
    /// begins anew, so that each domain loses less than one tick.
    /// </summary>
    /// <param name="time">The present: not before the last drift.</param>
    /// <param name="errorPartsPerBillion">The whole error from now on, in ppb of the nominal rate, -10^8 to 10^8.</param>
    public void Drift(SimTime time, int errorPartsPerBillion)
    {
        Change(time, errorPartsPerBillion);
        Announce();
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.Int32(_drifts.Count);
        foreach (Stretch drift in _drifts)
        {
            writer.Time(drift.Start);
            writer.UInt64(drift.FirstTick);
            writer.Int32(drift.ErrorPartsPerBillion);
        }

        foreach (ClockDomain derived in _derived)
            derived.Save(writer);
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        _drifts.Clear();
        Actual = Mean(ErrorPartsPerBillion);
        int count = reader.Int32();
        for (int i = 0; i < count; i++)
        {
            SimTime start = reader.Time();
            ulong first = reader.UInt64();
            int error = reader.Int32();
            if (Math.Abs((long)error) > LargestError)
                throw reader.Wrong($"{Name} cannot be off by {error} ppb");
            Actual = Mean(error);
            _drifts.Add(new Stretch(start, first, error, Nominal.WithError(error)));
        }

        foreach (ClockDomain derived in _derived)
            derived.Restore(reader);
    }

    public override string ToString() => $"{Name}: {Actual}";

    private void Change(SimTime time, int error)
    {
        _drifts.Add(new Stretch(time, TicksAt(time), error, Nominal.WithError(error)));
        Actual = Mean(error);
        foreach (ClockDomain derived in _derived)
            derived.Change(time, error);
    }

    /// <summary>Half of the modulation's depth is missing in the mean.</summary>
    private Frequency Mean(int error) => Nominal.WithError(Math.Max(error - (_spread.DepthPartsPerBillion / 2), -LargestError));

    private void Announce()
    {
        Drifted?.Invoke();
        foreach (ClockDomain derived in _derived)
            derived.Announce();
    }

    /// <summary>The oscillator at one rate, from a time on.</summary>
    private readonly record struct Stretch(SimTime Start, ulong FirstTick, int ErrorPartsPerBillion, Frequency Rate);
}
