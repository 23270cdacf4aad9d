namespace CoSim.Hw.Simulation;

/// <summary>
/// An exact rational frequency in hertz, and the one rule that turns time into ticks: tick n has happened at time t
/// when n &lt;= floor(t * f). No floating point, no accumulated error, at any uptime.
/// </summary>
/// <remarks>
/// Ranges: numerator below 2^63, denominator below 2^40. Intermediate products then stay below 2^128 for any time below
/// 2^33 seconds (272 years).
/// </remarks>
public readonly struct Frequency : IEquatable<Frequency>
{
    private const ulong BillionParts = 1_000_000_000;

    /// <summary>Makes the frequency numerator/denominator Hz, in lowest terms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A part is zero or beyond its range.</exception>
    public Frequency(ulong numerator, ulong denominator)
    {
        ArgumentOutOfRangeException.ThrowIfZero(numerator);
        ArgumentOutOfRangeException.ThrowIfZero(denominator);
        ulong divisor = GreatestCommonDivisor(numerator, denominator);
        Numerator = numerator / divisor;
        Denominator = denominator / divisor;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Numerator, 1UL << 63, nameof(numerator));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Denominator, 1UL << 40, nameof(denominator));
    }

    public ulong Numerator { get; }

    public ulong Denominator { get; }

    /// <summary>The frequency in whole hertz, rounded down.</summary>
    public ulong WholeHertz => Numerator / Denominator;

    public static Frequency FromHertz(ulong hertz) => new(hertz, 1);

    public static Frequency FromMegahertz(ulong megahertz) => new(megahertz * 1_000_000, 1);

    /// <summary>This frequency as an oscillator with the given error delivers it. Unit: parts per billion, -10^8 to 10^8.</summary>
    public Frequency WithError(int partsPerBillion)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Abs((long)partsPerBillion), 100_000_000);
        if (partsPerBillion == 0)
        {
            return this;
        }

        UInt128 numerator = (UInt128)Numerator * (ulong)((long)BillionParts + partsPerBillion);
        UInt128 denominator = (UInt128)Denominator * BillionParts;
        UInt128 a = numerator, b = denominator;
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return new Frequency(checked((ulong)(numerator / a)), checked((ulong)(denominator / a)));
    }

    /// <summary>Whole ticks that have happened a span of <paramref name="femtoseconds"/> after tick 0. Rounds down.</summary>
    public ulong TicksIn(UInt128 femtoseconds)
    {
        UInt128 seconds = femtoseconds / SimDuration.FemtosecondsPerSecond;
        UInt128 rest = femtoseconds % SimDuration.FemtosecondsPerSecond;
        UInt128 scaled = seconds * Numerator;
        UInt128 whole = scaled / Denominator;
        UInt128 remainder = scaled % Denominator;
        UInt128 tail = ((remainder * SimDuration.FemtosecondsPerSecond) + (rest * Numerator)) /
                       ((UInt128)Denominator * SimDuration.FemtosecondsPerSecond);
        return (ulong)(whole + tail);
    }

    /// <summary>The shortest span, in femtoseconds, after which <paramref name="ticks"/> ticks have happened. Rounds up.</summary>
    public UInt128 SpanOf(ulong ticks)
    {
        // ticks * den * 1e15 / num, split into whole seconds and a rest so that nothing overflows.
        UInt128 scaled = (UInt128)ticks * Denominator;
        UInt128 seconds = scaled / Numerator;
        UInt128 remainder = scaled % Numerator;
        UInt128 product = remainder * SimDuration.FemtosecondsPerSecond;
        return (seconds * SimDuration.FemtosecondsPerSecond) + ((product + Numerator - 1) / Numerator);
    }

    public static bool operator ==(Frequency a, Frequency b) => a.Equals(b);

    public static bool operator !=(Frequency a, Frequency b) => !a.Equals(b);

    public bool Equals(Frequency other) => Numerator == other.Numerator && Denominator == other.Denominator;

    public override bool Equals(object? obj) => obj is Frequency other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Numerator, Denominator);

    public override string ToString() => Denominator == 1 ? $"{Numerator} Hz" : $"{Numerator}/{Denominator} Hz";

    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
