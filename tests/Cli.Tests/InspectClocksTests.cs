using System.Text.Json;

namespace CoSim.Cli.Tests;

/// <summary>`cosim inspect clocks`: the clocks agree, with each other and with arithmetic done by hand.</summary>
[TestFixture]
public sealed class InspectClocksTests
{
    private const ulong Day = 86_400;

    [TestCase("1", 2_250_000_000UL, 14_318_180UL, 3_579_545UL, Description = "one second: the frequencies themselves")]
    [TestCase("0.000001", 2_250UL, 14UL, 3UL)]
    [TestCase("300", 675_000_000_000UL, 4_295_454_000UL - 4_294_967_296UL, 1_073_863_500UL % 16_777_216UL, Description = "beyond the HPET's wrap")]
    public void ValuesAreTicksModuloTheWidth(string at, ulong tsc, ulong hpet, ulong pm)
    {
        JsonElement clocks = Read("--at", at);
        Assert.That((Value(clocks, 0), Value(clocks, 2), Value(clocks, 3)), Is.EqualTo((tsc, hpet, pm)));
    }

    [Test]
    public void AllClocksAgreeAfter1042Days()
    {
        const ulong seconds = 1042 * Day;
        JsonElement clocks = Read("--at", $"{seconds}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Value(clocks, 0), Is.EqualTo(seconds * 2_250_000_000));
            Assert.That(Value(clocks, 2), Is.EqualTo(seconds * 14_318_180 % (1UL << 32)));
            Assert.That(Value(clocks, 3), Is.EqualTo(seconds * 3_579_545 % (1UL << 24)));
            Assert.That(Value(clocks, 4), Is.EqualTo(65_536 - seconds * 3_579_545 / 3 % 65_536));
        }
    }

    [Test]
    public void ModelDecidesTheRateOfTheTsc() => Assert.That(Value(Read("--model", "7F32"), 0), Is.EqualTo(3_700_000_000));

    [Test]
    public void OscillatorErrorMovesOnlyItsOwnClocks()
    {
        JsonElement clocks = Read("--fch-ppb", "1000000", "--at", "100");
        Assert.That((Value(clocks, 0), Value(clocks, 2)), Is.EqualTo((225_000_000_000UL, 1_433_249_818UL)), "0.1 % fast: 1431818000 * 1.001");
    }

    [Test]
    public void TableHasEveryClockAndNoEscapes()
    {
        string output = CommandLine.Run("inspect", "clocks").Output;
        foreach (string name in (string[])["TSC", "local APIC timer", "HPET", "PM_TMR", "PIT", "RTC"])
            Assert.That(output, Does.Contain(name));
        Assert.That(output, Does.Not.Contain('\u001b'));
    }

    [TestCase("--at -1", "--at '-1'")]
    [TestCase("--at 1.0000000001", "--at")]
    [TestCase("--at 3155760001", "--at")]
    [TestCase("--fch-ppb 10000001", "--fch-ppb")]
    [TestCase("--rtc-ppb x", "--rtc-ppb 'x'")]
    public void UserErrors(string arguments, string mention) =>
        CommandLine.Run(["inspect", "clocks", .. arguments.Split(' ')]).AssertUserError(mention);

    private static JsonElement Read(params string[] arguments)
    {
        CommandLine.Result result = CommandLine.Run(["inspect", "clocks", "--json", .. arguments]);
        Assert.That(result.Status, Is.Zero, result.Error);
        return JsonDocument.Parse(result.Output).RootElement.GetProperty("clocks");
    }

    private static ulong Value(JsonElement clocks, int index) => clocks[index].GetProperty("value").GetUInt64();
}
