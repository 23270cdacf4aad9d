namespace CoSim.Hw.Simulation;

/// <summary>A signed span of simulated time in femtoseconds, 128 bits wide.</summary>
public readonly struct SimDuration : IEquatable<SimDuration>, IComparable<SimDuration>
{
    public const ulong FemtosecondsPerPicosecond = 1_000;
    public const ulong FemtosecondsPerNanosecond = 1_000_000;
    public const ulong FemtosecondsPerMicrosecond = 1_000_000_000;
    public const ulong FemtosecondsPerMillisecond = 1_000_000_000_000;
    public const ulong FemtosecondsPerSecond = 1_000_000_000_000_000;

    /// <summary>No time at all.</summary>
    public static readonly SimDuration Zero;

    private SimDuration(Int128 femtoseconds) => Femtoseconds = femtoseconds;

    /// <summary>The length in femtoseconds; negative for a span into the past.</summary>
    public Int128 Femtoseconds { get; }

    public static SimDuration FromFemtoseconds(Int128 value) => new(value);

    public static SimDuration FromPicoseconds(long value) => new((Int128)value * FemtosecondsPerPicosecond);

    public static SimDuration FromNanoseconds(long value) => new((Int128)value * FemtosecondsPerNanosecond);

    public static SimDuration FromMicroseconds(long value) => new((Int128)value * FemtosecondsPerMicrosecond);

    public static SimDuration FromMilliseconds(long value) => new((Int128)value * FemtosecondsPerMillisecond);

    public static SimDuration FromSeconds(long value) => new((Int128)value * FemtosecondsPerSecond);

    public static SimDuration operator +(SimDuration a, SimDuration b) => new(a.Femtoseconds + b.Femtoseconds);

    public static SimDuration operator -(SimDuration a, SimDuration b) => new(a.Femtoseconds - b.Femtoseconds);

    public static SimDuration operator -(SimDuration a) => new(-a.Femtoseconds);

    public static SimDuration operator *(SimDuration a, long factor) => new(a.Femtoseconds * factor);

    public static bool operator <(SimDuration a, SimDuration b) => a.Femtoseconds < b.Femtoseconds;

    public static bool operator >(SimDuration a, SimDuration b) => a.Femtoseconds > b.Femtoseconds;

    public static bool operator <=(SimDuration a, SimDuration b) => a.Femtoseconds <= b.Femtoseconds;

    public static bool operator >=(SimDuration a, SimDuration b) => a.Femtoseconds >= b.Femtoseconds;

    public static bool operator ==(SimDuration a, SimDuration b) => a.Femtoseconds == b.Femtoseconds;

    public static bool operator !=(SimDuration a, SimDuration b) => a.Femtoseconds != b.Femtoseconds;

    public bool Equals(SimDuration other) => Femtoseconds == other.Femtoseconds;

    public override bool Equals(object? obj) => obj is SimDuration other && Equals(other);

    public override int GetHashCode() => Femtoseconds.GetHashCode();

    public int CompareTo(SimDuration other) => Femtoseconds.CompareTo(other.Femtoseconds);

    /// <summary>Nanoseconds with six decimals, which is exact: <c>444.444444 ns</c>.</summary>
    public override string ToString()
    {
        UInt128 magnitude = (UInt128)Int128.Abs(Femtoseconds);
        string sign = Femtoseconds < 0 ? "-" : "";
        return $"{sign}{magnitude / FemtosecondsPerNanosecond}.{(ulong)(magnitude % FemtosecondsPerNanosecond):D6} ns";
    }
}
