using System.Numerics;

namespace CoSim.Hw.Simulation.Tests;

/// <summary>A modulated clock is an exact function of time, and a count has an exact time.</summary>
[TestFixture]
public sealed class SpreadSpectrumTests
{
    private const ulong Period = 32_000_000_000, Half = Period / 2;
    private const int Cases = 20_000;

    [Test]
    public void WithoutDepthNothingChanges()
    {
        UInt128 later = UInt128.Parse("315360000123456789012345", System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(SpreadSpectrum.None.PhaseAt(SimTime.FromFemtoseconds(later)), Is.EqualTo(later));
        Assert.That(SpreadSpectrum.None.TimeOf(later).Femtoseconds, Is.EqualTo(later));
    }

    [Test]
    public void ThePhaseIsTheIntegralOfTheFrequency()
    {
        const int seed = 3101;
        Random random = new(seed);
        for (int n = 0; n < Cases; n++)
        {
            int depth = random.Next(SpreadSpectrum.Deepest + 1);
            UInt128 time = AnyTime(random);
            UInt128 phase = new SpreadSpectrum(depth).PhaseAt(SimTime.FromFemtoseconds(time));
            Assert.That((BigInteger)phase, Is.EqualTo(Defined((BigInteger)time, depth)), $"seed {seed}, depth {depth}, {time} fs");
        }
    }

    [Test]
    public void APhaseRisesByAtMostAFemtosecondAndHasAFirstTime()
    {
        const int seed = 3102;
        Random random = new(seed);
        for (int n = 0; n < Cases; n++)
        {
            SpreadSpectrum spread = new(random.Next(SpreadSpectrum.Deepest + 1));
            UInt128 time = AnyTime(random) + 1;
            UInt128 before = spread.PhaseAt(SimTime.FromFemtoseconds(time - 1)), phase = spread.PhaseAt(SimTime.FromFemtoseconds(time));
            UInt128 first = spread.TimeOf(phase).Femtoseconds;
            Assert.That(phase - before, Is.LessThanOrEqualTo(UInt128.One), $"seed {seed}, {time} fs");
            Assert.That(spread.PhaseAt(SimTime.FromFemtoseconds(first)), Is.EqualTo(phase), $"seed {seed}, {time} fs");
            Assert.That(first == 0 || spread.PhaseAt(SimTime.FromFemtoseconds(first - 1)) < phase, $"seed {seed}, {time} fs");
        }
    }

    [Test]
    public void TheTimeOfATickIsExactAlsoWhenTheOscillatorDrifts()
    {
        const int seed = 3103;
        Random random = new(seed);
        for (int n = 0; n < 500; n++)
        {
            ClockDomain refclk = new("REFCLK", Frequency.FromMegahertz(100), random.Next(-100_000, 100_000), new SpreadSpectrum(random.Next(SpreadSpectrum.Deepest + 1)));
            ClockDomain core = refclk.Derive("core", 45, 2);
            SimTime drift = SimTime.FromFemtoseconds((UInt128)random.NextInt64(1, 10_000_000_000_000_000));
            ulong there = core.TicksAt(drift);
            refclk.Drift(drift, random.Next(-100_000, 100_000));
            Assert.That(core.TicksAt(drift), Is.EqualTo(there));
            for (int tries = 0; tries < 10; tries++)
            {
                ulong tick = (ulong)random.NextInt64(1, 60_000_000_000);
                SimTime at = core.TimeOf(tick);
                // The tick under way when the rate changes begins anew.
                Assert.That(core.TicksAt(at), Is.EqualTo(tick), $"seed {seed}");
                Assert.That(core.TicksAt(at - SimDuration.FromFemtoseconds(1)), Is.EqualTo(tick - 1), $"seed {seed}");
            }
        }
    }

    [TestCase(-1)]
    [TestCase(SpreadSpectrum.Deepest + 1)]
    public void ADepthHasBounds(int depth) => Assert.That(() => new SpreadSpectrum(depth), Throws.TypeOf<ArgumentOutOfRangeException>());

    /// <summary>Around ends and middles of periods as often as elsewhere, up to ten years.</summary>
    private static UInt128 AnyTime(Random random)
    {
        UInt128 periods = (UInt128)random.NextInt64(0, 1L << random.Next(1, 44));
        ulong within = random.Next(3) switch
        {
            0 => (ulong)random.Next(1000),
            1 => Half - 500 + (ulong)random.Next(1000),
            _ => (ulong)random.NextInt64(0, (long)Period),
        };
        return (periods * Period) + within;
    }

    /// <summary>t less the integral of depth * triangle, the latter rounded down.</summary>
    private static BigInteger Defined(BigInteger time, int depth)
    {
        BigInteger period = Period, half = Half, within = time % period;
        BigInteger square = within <= half ? within * within : (2 * half * half) - ((period - within) * (period - within));
        // The triangle's integral over a period is half of it; over x of its rising side x^2 / period.
        BigInteger twice = (time / period * period * period) + (2 * square);
        return time - (depth * twice / (2 * period * 1_000_000_000));
    }
}
