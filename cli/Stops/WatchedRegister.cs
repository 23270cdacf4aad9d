using CoSim.Hw.Simulation;

namespace CoSim.Cli.Stops;

/// <summary>A counter that is a function of time.</summary>
/// <param name="Clock">Its clock.</param>
/// <param name="Bits">Its width.</param>
/// <param name="Down">Whether it counts down; then it may begin anew anywhere.</param>
/// <param name="TicksPerCount">By how much its clock is divided at present.</param>
internal sealed record CounterShape(ClockDomain Clock, int Bits, bool Down, ulong TicksPerCount);

/// <summary>When a register can change.</summary>
internal enum RegisterChange
{
    /// <summary>When something is accessed or happens.</summary>
    WithEvents,

    /// <summary>Then, and with every tick of a counter.</summary>
    Counting,

    /// <summary>With any instruction.</summary>
    Always,
}

/// <summary>When a register must be looked at.</summary>
/// <param name="Time">The time.</param>
/// <param name="Value">The register then, if it passes the test and nothing happens before; null when that is not known.</param>
internal readonly record struct NextLook(SimTime Time, ulong? Value);

/// <summary>A register that a condition names, of one machine.</summary>
/// <param name="Name">Its full name, as the manuals write it.</param>
/// <param name="Change">When it can change.</param>
/// <param name="Counter">For <see cref="RegisterChange.Counting"/>, how it counts at present.</param>
/// <param name="Core">The core that must stand at an instruction boundary for a look; -1 for none.</param>
/// <param name="Read">Its value at a time if nothing happens until then.</param>
internal sealed record WatchedRegister(string Name, RegisterChange Change, Func<CounterShape?>? Counter, int Core, Func<SimTime, ulong> Read)
{
    /// <summary>For one that is no counter, or not at present: the time after a present at which it may change by itself. Null for never.</summary>
    public Func<SimTime, SimTime>? NextChange { get; init; }

    /// <summary>No run is simulated for longer: 100 years of 365.25 days.</summary>
    private const ulong FarthestSeconds = 3_155_760_000;

    /// <summary>
    /// The first time after the present at which the register may pass a test, if nothing happens until then: never too late.
    /// </summary>
    /// <param name="now">The present.</param>
    /// <param name="test">The test.</param>
    /// <param name="extract">What of the register is tested.</param>
    public NextLook Next(SimTime now, ValueTest test, RegisterExtract extract)
    {
        if (Change != RegisterChange.Counting)
            return new NextLook(Change == RegisterChange.Always ? now : SimTime.Never, null);
        if (Counter?.Invoke() is not { } shape)
            return new NextLook(NextChange?.Invoke(now) ?? SimTime.Never, null);
        ulong value = Read(now);
        ulong mask = shape.Bits == 64 ? ulong.MaxValue : (1UL << shape.Bits) - 1;
        ulong? wanted = extract.Search(value, shape, test);
        // What a counter that counts down begins anew with is not known here: it is looked at again one count before, and at the next.
        ulong last = !shape.Down ? ulong.MaxValue : value > 1 ? value - 1 : 1;
        if (wanted is { } counts && counts > 0 && counts <= last)
            return new NextLook(TimeAfter(now, value, counts, shape), (shape.Down ? value - counts : value + counts) & mask);
        return new NextLook(shape.Down ? TimeAfter(now, value, last, shape) : SimTime.Never, null);
    }

    /// <summary>The first tick after which the counter has moved by so many counts; never, when it stands still.</summary>
    private SimTime TimeAfter(SimTime now, ulong value, ulong counts, CounterShape shape)
    {
        ulong present = shape.Clock.TicksAt(now);
        ulong mask = shape.Bits == 64 ? ulong.MaxValue : (1UL << shape.Bits) - 1;
        ulong Moved(ulong ticks)
        {
            ulong then = Read(shape.Clock.TimeOf(present + ticks));
            if (shape.Down && value <= 1)
                return then == value ? 0 : counts;
            return (shape.Down ? value - then : then - value) & mask;
        }

        ulong farthest = shape.Clock.Actual.WholeHertz * FarthestSeconds;
        ulong perCount = shape.TicksPerCount;
        if (counts > farthest / perCount || Moved(2 * perCount) == 0)
            return SimTime.Never;
        ulong low = 0, high = counts * perCount;
        while (Moved(high) < counts)
        {
            // A time-stamp counter at another rate.
            low = high;
            high *= 2;
            if (high > farthest)
                return SimTime.Never;
        }

        while (high - low > 1)
        {
            ulong middle = low + ((high - low) / 2);
            if (Moved(middle) < counts)
                low = middle;
            else
                high = middle;
        }

        return shape.Clock.TimeOf(present + high);
    }
}

/// <summary>The bits of a register that are tested.</summary>
/// <param name="Low">The lowest.</param>
/// <param name="Mask">All of them, shifted down.</param>
internal readonly record struct RegisterExtract(int Low, ulong Mask)
{
    /// <summary>All of a register.</summary>
    public static readonly RegisterExtract Whole = new(0, ulong.MaxValue);

    /// <summary>The bits of a value.</summary>
    public ulong Of(ulong register) => (register >> Low) & Mask;

    /// <summary>Counts until a test of these bits passes.</summary>
    public ulong? Search(ulong value, CounterShape shape, ValueTest test)
    {
        ulong mask = (test.Mask & Mask) << Low;
        if (test.Value > ulong.MaxValue >> Low)
            return test.Holds(0) ? 0UL : null;
        return CounterSearch.CountsUntil(value, shape.Bits, shape.Down, new ValueTest(mask, test.Comparison, test.Value << Low));
    }
}
