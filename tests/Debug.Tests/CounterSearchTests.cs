using CoSim.Cli.Stops;

namespace CoSim.Debug.Tests;

/// <summary>How far a counter has to count until a test passes: worked out, and counted.</summary>
[TestFixture]
public sealed class CounterSearchTests
{
    [Test]
    public void TheAnswerIsWhatCountingFinds()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        for (int i = 0; i < 20_000; i++)
        {
            int bits = random.Next(1, 9);
            ulong all = (1UL << bits) - 1;
            ulong value = (ulong)random.NextInt64() & all;
            ulong mask = random.Next(3) == 0 ? ulong.MaxValue : (ulong)random.NextInt64() & all;
            ValueTest test = new(mask, (Comparison)random.Next(6), (ulong)random.Next((1 << bits) + 2));
            bool down = random.Next(2) == 0;
            Assert.That(CounterSearch.CountsUntil(value, bits, down, test), Is.EqualTo(Counted(value, all, down, test)), $"seed {seed}: {bits} bits, {value}{test}, down {down}");
        }
    }

    [TestCase(0UL, 64, false, "x >= 0x8000000000000000", 0x8000_0000_0000_0000UL)]
    [TestCase(1UL, 64, false, "x == 0", ulong.MaxValue)]
    [TestCase(5UL, 64, true, "x > 5", 6UL)]
    [TestCase(0xFFFF_FFFFUL, 32, false, "x & 0xff == 0x10", 0x11UL)]
    public void WideCountersToo(ulong value, int bits, bool down, string test, ulong counts) =>
        Assert.That(CounterSearch.CountsUntil(value, bits, down, RegisterTest.Parse("test", test).Test), Is.EqualTo(counts));

    private static ulong? Counted(ulong value, ulong all, bool down, ValueTest test)
    {
        for (ulong n = 0; n <= all; n++)
        {
            if (test.Holds((down ? value - n : value + n) & all))
                return n;
        }

        return null;
    }
}
