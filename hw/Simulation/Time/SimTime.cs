namespace CoSim.Hw.Simulation;

/// <summary>
/// A point on the one master time base: femtoseconds since the machine left reset, 128 bits wide.
/// A point minus a point is a <see cref="SimDuration"/>; a point plus a point does not compile.
/// </summary>
/// <remarks>64-bit picoseconds overflow after 213 days; 128-bit femtoseconds outlast any study, without rounding.</remarks>
public readonly struct SimTime : IEquatable<SimTime>, IComparable<SimTime>
{
    /// <summary>The moment of reset.</summary>
    public static readonly SimTime Zero;

    /// <summary>Later than every event that can be scheduled.</summary>
    public static readonly SimTime Never = new(UInt128.MaxValue);

    private SimTime(UInt128 femtoseconds) => Femtoseconds = femtoseconds;

    /// <summary>Femtoseconds since reset.</summary>
    public UInt128 Femtoseconds { get; }

    /// <summary>The point that lies <paramref name="femtoseconds"/> after reset.</summary>
    public static SimTime FromFemtoseconds(UInt128 femtoseconds) => new(femtoseconds);

    /// <summary>Whole nanoseconds since reset, rounded down.</summary>
    public UInt128 WholeNanoseconds => Femtoseconds / SimDuration.FemtosecondsPerNanosecond;

    public static SimTime operator +(SimTime time, SimDuration duration) => new(time.Femtoseconds + (UInt128)duration.Femtoseconds);

    public static SimTime operator -(SimTime time, SimDuration duration) => new(time.Femtoseconds - (UInt128)duration.Femtoseconds);

    public static SimDuration operator -(SimTime later, SimTime earlier) =>
        SimDuration.FromFemtoseconds((Int128)(later.Femtoseconds - earlier.Femtoseconds));

    public static bool operator <(SimTime a, SimTime b) => a.Femtoseconds < b.Femtoseconds;

    public static bool operator >(SimTime a, SimTime b) => a.Femtoseconds > b.Femtoseconds;

    public static bool operator <=(SimTime a, SimTime b) => a.Femtoseconds <= b.Femtoseconds;

    public static bool operator >=(SimTime a, SimTime b) => a.Femtoseconds >= b.Femtoseconds;

    public static bool operator ==(SimTime a, SimTime b) => a.Femtoseconds == b.Femtoseconds;

    public static bool operator !=(SimTime a, SimTime b) => a.Femtoseconds != b.Femtoseconds;

    /// <summary>The earlier of two points.</summary>
    public static SimTime Min(SimTime a, SimTime b) => a <= b ? a : b;

    /// <summary>The later of two points.</summary>
    public static SimTime Max(SimTime a, SimTime b) => a >= b ? a : b;

    public bool Equals(SimTime other) => Femtoseconds == other.Femtoseconds;

    public override bool Equals(object? obj) => obj is SimTime other && Equals(other);

    public override int GetHashCode() => Femtoseconds.GetHashCode();

    public int CompareTo(SimTime other) => Femtoseconds.CompareTo(other.Femtoseconds);

    /// <summary>Seconds with nine decimals, rounded down: <c>12.000000001 s</c>.</summary>
    public override string ToString() =>
        this == Never ? "never" : $"{WholeNanoseconds / 1_000_000_000}.{(ulong)(WholeNanoseconds % 1_000_000_000):D9} s";
}
