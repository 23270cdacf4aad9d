using CoSim.Cli.Options;

namespace CoSim.Cli.Tests.Migrate;

/// <summary>Lengths of time as users write them.</summary>
public sealed class DurationTests
{
    [TestCase("1042d", 90_028_800_000_000_000)]
    [TestCase("3h", 10_800_000_000_000)]
    [TestCase("2min", 120_000_000_000)]
    [TestCase("90s", 90_000_000_000)]
    [TestCase("90", 90_000_000_000)]
    [TestCase("1.5ms", 1_500_000)]
    [TestCase("750us", 750_000)]
    [TestCase("12ns", 12)]
    [TestCase("0", 0)]
    public void UnitsAreUnderstood(string text, long nanoseconds) => Assert.That(Duration.TryParse(text), Is.EqualTo(nanoseconds));

    [TestCase("")]
    [TestCase("d")]
    [TestCase("-1s")]
    [TestCase("1.5ns")]
    [TestCase("1 s")]
    [TestCase("1e3s")]
    [TestCase("1..5s")]
    [TestCase("99999999999d")]
    [TestCase("18446744073709551616s")]
    public void OtherTextsAreNot(string text) => Assert.That(Duration.TryParse(text), Is.Null);
}
