
namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Timekeeping reference, section 2: the table of test vectors.</summary>
[TestFixture]
public class MultShiftTests
{
    // max_cycles -1: the reference gives none. The 25 MHz HPET's max_idle_ns comes from the same formula.
    [TestCase("tsc", 3293811u, 1000u, ulong.MaxValue, 5093558u, 24, 0x2f7a758b259L, 440795268702L)]
    [TestCase("tsc", 2245780u, 1000u, ulong.MaxValue, 7470552u, 24, 0x205f2190526L, 440795288133L)]
    [TestCase("hpet", 14318179u, 1u, 0xffffffffUL, 2343484601u, 25, 0xffffffffL, 133484882848L)]
    [TestCase("hpet 25 MHz", 25000000u, 1u, 0xffffffffUL, 2684354560u, 26, 0xffffffffL, 76450417870L)]
    [TestCase("acpi_pm", 3579545u, 1u, 0xffffffUL, 2343484437u, 23, 0xffffffL, 2085701024L)]
    public void Section2_Vectors(string source, uint frequency, uint scale, ulong mask, uint mult, int shift, long maxCycles, long maxIdle)
    {
        MultShift m = MultShift.ForFrequency(frequency, scale, mask);
        Assert.Multiple(() =>
        {
            Assert.That(m.Mult, Is.EqualTo(mult), source);
            Assert.That(m.Shift, Is.EqualTo(shift), source);
            Assert.That(m.MaxCycles, Is.EqualTo((ulong)maxCycles), source);
            Assert.That(m.MaxIdleNsec, Is.EqualTo(maxIdle), source);
        });
    }

    [Test]
    public void Section2_AnyFrequencyConvertsToWithinOnePartInAMillion([Values(1u, 2u, 3u)] uint seed)
    {
        SplitMix random = new(seed);
        for (int i = 0; i < 2000; i++)
        {
            uint khz = 10_000 + (uint)random.Next(5_000_000);
            MultShift m = MultShift.ForFrequency(khz, 1000, ulong.MaxValue);
            UInt128 exact = (UInt128)m.MaxCycles * 1_000_000 / khz;
            UInt128 error = (UInt128)MultShift.ToNsec(m.MaxCycles, m.Mult, m.Shift) - exact;
            UInt128 distance = error > UInt128.MaxValue / 2 ? UInt128.Zero - error : error;
            Assert.That(distance * 1_000_000 <= exact, $"seed {seed}, {khz} kHz: off by {distance} ns in {exact}");
            Assert.That((UInt128)m.MaxCycles * (m.Mult + m.MaxAdj) <= ulong.MaxValue, $"seed {seed}, {khz} kHz overflows");
        }
    }

    [Test]
    public void MulAddShift_AgreesWith128BitArithmetic([Values(11u, 12u)] uint seed)
    {
        SplitMix random = new(seed);
        for (int i = 0; i < 20000; i++)
        {
            ulong a = random.Next64() >> (int)random.Next(64);
            uint mult = (uint)random.Next64();
            ulong add = random.Next64() >> (int)random.Next(64);
            int shift = (int)random.Next(33);
            ulong expected = (ulong)(((UInt128)a * mult + add) >> shift);
            Assert.That(MultShift.MulAddShift(a, mult, add, shift), Is.EqualTo(expected), $"seed {seed}: ({a} * {mult} + {add}) >> {shift}");
        }
    }
}
