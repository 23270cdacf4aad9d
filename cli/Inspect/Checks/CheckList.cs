using System.Globalization;
using CoSim.Cli.Study;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>The checks of a machine, in the order in which software depends on them.</summary>
internal sealed class CheckList
{
    private const ulong Million = 1_000_000;
    private const int HertzDecimals = 3;

    private readonly List<ClockCheck> _checks = [];

    /// <summary>All checks so far.</summary>
    public IReadOnlyList<ClockCheck> Checks => _checks;

    /// <summary>Compares two texts, which must be equal.</summary>
    public void Equal(string name, string declared, string found, string rule) =>
        _checks.Add(new ClockCheck(name, declared, found, "", rule, declared == found));

    /// <summary>States a demand and what is found.</summary>
    public void Holds(string name, string declared, string found, string rule, bool agrees) =>
        _checks.Add(new ClockCheck(name, declared, found, "", rule, agrees));

    /// <summary>Compares the rate of a counter with a nominal one.</summary>
    /// <param name="name">The counter.</param>
    /// <param name="nominal">What it should count at.</param>
    /// <param name="ticks">What it counted.</param>
    /// <param name="interval">In this span of simulated time, which is exact.</param>
    /// <param name="limits">How far the two may differ.</param>
    /// <param name="rule">Where the rate is written.</param>
    public void Rate(string name, Frequency nominal, ulong ticks, SimDuration interval, RateLimits limits, string rule)
    {
        UInt128 span = (UInt128)interval.Femtoseconds;
        ulong expected = nominal.TicksIn(span);
        ulong allowed = limits.Ticks + (ulong)(((UInt128)expected * limits.PartsPerMillion + Million - 1) / Million);
        ulong off = ticks > expected ? ticks - expected : expected - ticks;
        _checks.Add(new ClockCheck(name, Hertz(nominal.Numerator, nominal.Denominator), Hertz((UInt128)ticks * SimDuration.FemtosecondsPerSecond, span), limits.ToString(), rule, off <= allowed));
    }

    /// <summary>Compares two numbers of ticks.</summary>
    public void Near(string name, ulong declared, ulong found, ulong ticks, string rule) =>
        _checks.Add(new ClockCheck(name, Number(declared), Number(found), Ticks(ticks), rule, (declared > found ? declared - found : found - declared) <= ticks));

    /// <summary>A number as the report shows it.</summary>
    public static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>An address or a register as the report shows it.</summary>
    public static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"{value:X}h");

    /// <summary>A tolerance in ticks.</summary>
    public static string Ticks(ulong ticks) => string.Create(CultureInfo.InvariantCulture, $"{ticks} {(ticks == 1 ? "tick" : "ticks")}");

    private static string Hertz(UInt128 numerator, UInt128 denominator) => ExactDecimal.Ratio(numerator, denominator, HertzDecimals) + " Hz";
}

/// <summary>How far a measured rate may be off.</summary>
/// <param name="PartsPerMillion">What the oscillator's specification allows.</param>
/// <param name="Ticks">The resolution: a counter read twice shows up to one tick more or less than passed.</param>
internal readonly record struct RateLimits(uint PartsPerMillion, ulong Ticks)
{
    /// <summary>
    /// REFCLK, 100 MHz: 300 ppm without spread spectrum, which nothing declares to software (PCI Express Card Electromechanical
    /// Specification 2.0, 2.1: the processors' clock is that of the slots).
    /// </summary>
    public static readonly RateLimits Refclk = new(300, 1);

    /// <summary>
    /// The FCH's 48 MHz crystal: 0.05 % over intervals of 1 ms and more (IA-PC HPET 1.0a, 2.2); PM timer and PIT count the same crystal.
    /// </summary>
    public static readonly RateLimits Fch = new(500, 1);

    /// <summary>
    /// The RTC's 32.768 kHz tuning fork: 20 ppm at 25 degrees and 0.034 ppm/K^2 away from there, 89 ppm at 70 degrees. A
    /// tick is 30.5 us, more than the two polls of 10 us by which the change of a second may be seen late.
    /// </summary>
    public static readonly RateLimits Rtc = new(100, 1);

    /// <summary>For reports.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PartsPerMillion} ppm + {CheckList.Ticks(Ticks)}");
}
