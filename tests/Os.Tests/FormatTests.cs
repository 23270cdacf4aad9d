using System.Text;

namespace CoSim.Os.Tests;

/// <summary>printf conversions, against C's documented results.</summary>
[TestFixture]
public sealed unsafe class FormatTests
{
    private static string Format(string format, ulong a = 0, ulong b = 0)
    {
        byte* memory = stackalloc byte[200];
        TextBuffer t = new(memory, 200);
        t.Format(Encoding.ASCII.GetBytes(format), a, b);
        return Encoding.ASCII.GetString(memory, t.Length);
    }

    [TestCase("%d", unchecked((ulong)-5), ExpectedResult = "-5")]
    [TestCase("%u", 0xFFFF_FFFF_FFFFUL, ExpectedResult = "4294967295")]
    [TestCase("%llu", ulong.MaxValue, ExpectedResult = "18446744073709551615")]
    [TestCase("%lld", 0x8000_0000_0000_0000UL, ExpectedResult = "-9223372036854775808")]
    [TestCase("%5d|", 42UL, ExpectedResult = "   42|")]
    [TestCase("%-5d|", 42UL, ExpectedResult = "42   |")]
    [TestCase("%05d|", unchecked((ulong)-42), ExpectedResult = "-0042|")]
    [TestCase("%08llx", 0xBEEFUL, ExpectedResult = "0000beef")]
    [TestCase("%X", 0xBEEFUL, ExpectedResult = "BEEF")]
    [TestCase("100%%", 0UL, ExpectedResult = "100%")]
    [TestCase("%c", 65UL, ExpectedResult = "A")]
    public string Conversion(string format, ulong value) => Format(format, value);

    [Test]
    public void TimensOffsetsLine() => Assert.That(Format("boottime   %10lld %9ld", unchecked((ulong)-3L), 970000000), Is.EqualTo("boottime           -3 970000000"));

    [Test]
    public void TextBeyondTheCapacityIsCounted()
    {
        byte* memory = stackalloc byte[4];
        TextBuffer t = new(memory, 4);
        t.Put("abcdefg"u8);
        Assert.That((t.Length, t.Dropped), Is.EqualTo((4, 3)));
    }
}
