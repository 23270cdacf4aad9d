using CoSim.Cli.Snippets;

namespace CoSim.Cli.Tests;

/// <summary>Decimal and 80-bit numbers. Expected bits: the constants of FLD1, FLDPI, FLDL2E (AMD APM vol. 5) and IEEE 754.</summary>
[TestFixture]
public sealed class ExtendedRealTests
{
    [TestCase("1", "3fff8000000000000000")]
    [TestCase("-2", "c0008000000000000000")]
    [TestCase("0.1", "3ffbcccccccccccccccd")]
    [TestCase("3.14159265358979323846264338327950288", "4000c90fdaa22168c235")]
    [TestCase("1.44269504088896340735992468100189214", "3fffb8aa3b295c17f0bc")]
    [TestCase("0", "00000000000000000000")]
    [TestCase("-0.0", "80000000000000000000")]
    [TestCase("inf", "7fff8000000000000000")]
    [TestCase("1.18973149535723176502126385303097021e4932", "7ffeffffffffffffffff")]
    [TestCase("1.2e4932", "7fff8000000000000000")]
    [TestCase("3.64519953188247460252840593361941982e-4951", "00000000000000000001")]
    [TestCase("1e-4990", "00000000000000000000")]
    public void Decimal_becomes_bits(string text, string bits)
    {
        Assert.That(ExtendedReal.TryParse(text, out UInt128 value), Is.True);
        Assert.That(value.ToString("x20", null), Is.EqualTo(bits));
    }

    [TestCase("3fff8000000000000000", "1")]
    [TestCase("4000c90fdaa22168c235", "3.14159265358979323851")]
    [TestCase("3ffbcccccccccccccccd", "1.00000000000000000001e-1")]
    [TestCase("403ea8c0000000000000", "1.21597189939003392e19")]
    [TestCase("400bf000000000000000", "7680")]
    [TestCase("ffff8000000000000000", "-inf")]
    [TestCase("7fffc000000000000000", "qnan")]
    [TestCase("7fffa000000000000000", "snan")]
    [TestCase("40000000000000000001", "unsupported")]
    [TestCase("00000000000000000001", "3.64519953188247460253e-4951")]
    public void Bits_become_decimal(string bits, string text) =>
        Assert.That(ExtendedReal.ToText(UInt128.Parse(bits, System.Globalization.NumberStyles.AllowHexSpecifier, null)), Is.EqualTo(text));

    [Test]
    public void Every_value_comes_back([Values(7)] int seed)
    {
        Random random = new(seed);
        for (int n = 0; n < 500; n++)
        {
            UInt128 bits = ((UInt128)(uint)random.Next(1, 0x7FFF) << 64) | (ulong)random.NextInt64() | (1UL << 63);
            Assert.That(ExtendedReal.TryParse(ExtendedReal.ToText(bits), out UInt128 back), Is.True);
            Assert.That(back, Is.EqualTo(bits), $"seed {seed}: {bits:x}");
        }
    }

    [TestCase("")]
    [TestCase("1.")]
    [TestCase(".5")]
    [TestCase("1e")]
    [TestCase("1e99999")]
    [TestCase("one")]
    public void Other_text_is_refused(string text) => Assert.That(ExtendedReal.TryParse(text, out _), Is.False);
}
