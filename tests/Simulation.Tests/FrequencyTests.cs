using System.Numerics;
using CoSim.Hw.Simulation;

namespace CoSim.Tests.Simulation;

/// <summary>The tick rule against arithmetic that cannot overflow.</summary>
public class FrequencyTests
{
    private static readonly Frequency[] Rates =
    [
        Frequency.FromMegahertz(2250),
        Frequency.FromMegahertz(100).WithError(-1_400_000),
        Frequency.FromMegahertz(2250).WithError(37),
        new(14_318_180, 1),
        new(3_579_545, 1),
        new(105_000_000, 88),
        Frequency.FromHertz(32_768).WithError(20_000),
    ];

    [Test]
    public void TicksIn_IsTheFloorOfTimeTimesFrequency([ValueSource(nameof(Rates))] Frequency rate)
    {
        const int seed = 20201;
        Random random = new(seed);
        for (int i = 0; i < 5_000; i++)
        {
            UInt128 span = ((UInt128)(ulong)random.NextInt64() << 17) + (ulong)random.NextInt64();
            BigInteger expected = (BigInteger)span * rate.Numerator / ((BigInteger)rate.Denominator * SimDuration.FemtosecondsPerSecond);
            Assert.That((BigInteger)rate.TicksIn(span), Is.EqualTo(expected), $"seed {seed}, span {span}");
        }
    }

    [Test]
    public void SpanOf_IsTheFirstMomentOfItsTick([ValueSource(nameof(Rates))] Frequency rate)
    {
        const int seed = 20202;
        Random random = new(seed);
        for (int i = 0; i < 5_000; i++)
        {
            ulong tick = (ulong)random.NextInt64(1, 1L << (1 + random.Next(59)));
            UInt128 span = rate.SpanOf(tick);
            Assert.Multiple(() =>
            {
                Assert.That(rate.TicksIn(span), Is.EqualTo(tick), $"seed {seed}");
                Assert.That(rate.TicksIn(span - 1), Is.EqualTo(tick - 1), $"seed {seed}");
            });
        }
    }

    [Test]
    public void TenYears_AreRepresentedToTheFemtosecond()
    {
        SimTime tenYears = SimTime.Zero + SimDuration.FromSeconds(3652L * 86400);
        SimTime next = tenYears + SimDuration.FromFemtoseconds(1);
        Assert.Multiple(() =>
        {
            Assert.That(next - tenYears, Is.EqualTo(SimDuration.FromFemtoseconds(1)));
            Assert.That(new ClockDomain("TSC", Frequency.FromMegahertz(2250), 0).TicksAt(tenYears), Is.EqualTo(3652UL * 86400 * 2_250_000_000));
        });
    }

    [Test]
    public void WithError_ScalesByPartsPerBillionExactly()
    {
        Frequency fast = Frequency.FromMegahertz(100).WithError(250_000);
        Assert.That(fast, Is.EqualTo(Frequency.FromHertz(100_025_000)));
    }

    [Test]
    public void Derive_KeepsTheOscillatorsError()
    {
        ClockDomain refclk = new("REFCLK", Frequency.FromMegahertz(100), 12_345);
        ClockDomain core = refclk.Derive("core", 45, 2);
        Assert.Multiple(() =>
        {
            Assert.That(core.Nominal, Is.EqualTo(Frequency.FromMegahertz(2250)));
            Assert.That(core.TicksAt(SimTime.Zero + SimDuration.FromSeconds(1000)), Is.EqualTo(2_250_027_776_250UL));
        });
    }

    [Test]
    public void ZeroIsNotAFrequency() =>
        Assert.Multiple(() =>
        {
            Assert.That(() => new Frequency(0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new Frequency(1, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
}
