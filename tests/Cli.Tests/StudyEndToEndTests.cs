using System.Text.Json;

namespace CoSim.Cli.Tests;

/// <summary>`cosim study clock-gettime` from the reset vector to the report.</summary>
[TestFixture]
public sealed class StudyEndToEndTests
{
    private const int Configurations = 6 * 3 * 2 * 2 * 2;

    private TemporaryDirectory _directory = null!;
    private CommandLine.Result _result = null!;
    private JsonElement[] _all = [];

    [OneTimeSetUp]
    public void RunTheWholeStudy()
    {
        _directory = new TemporaryDirectory();
        _result = CosimProcess.Run("", "study", "clock-gettime", "--calls", "4", "--json", _directory.File("report.json"));
        Assert.That(_result.Status, Is.Zero, _result.Error);
        _all = [.. JsonDocument.Parse(File.ReadAllBytes(_directory.File("report.json"))).RootElement.GetProperty("configurations").EnumerateArray()];
    }

    [OneTimeTearDown]
    public void RemoveFiles() => _directory.Dispose();

    [Test]
    public void InAPipeOnlyTheClosingStatisticsAreOnTheErrorOutput() =>
        Assert.That(
            _result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Is.Not.Empty.And.All.Matches("^(sim|host)[A-Z]"));

    [Test]
    public void EveryConfigurationIsMeasured()
    {
        Assert.That(_all, Has.Length.EqualTo(Configurations));
        Assert.That(_all.Select(Name).Distinct().Count(), Is.EqualTo(Configurations));
        foreach (JsonElement configuration in _all)
            Assert.That(configuration.GetProperty("samples").GetArrayLength(), Is.EqualTo(4), Name(configuration));
    }

    [Test]
    public void CyclesOfASpanAreTheSumOfItsCausesAndOfItsInstructions()
    {
        foreach (JsonElement configuration in _all)
        {
            ulong samples = Sum(configuration.GetProperty("samples").EnumerateArray());
            ulong causes = Sum(configuration.GetProperty("cyclesByCause").EnumerateObject().Select(c => c.Value));
            ulong instructions = Sum(configuration.GetProperty("instructions").EnumerateArray().Select(i => i.GetProperty("cycles")));
            Assert.That((causes, instructions), Is.EqualTo((samples, samples)), Name(configuration));
        }
    }

    [Test]
    public void EveryInstructionHasItsTextAndSymbol()
    {
        foreach (JsonElement configuration in _all)
            foreach (JsonElement instruction in configuration.GetProperty("instructions").EnumerateArray())
                Assert.That(
                    instruction.TryGetProperty("text", out _) && instruction.TryGetProperty("symbol", out _),
                    Is.True,
                    $"{Name(configuration)} at {instruction.GetProperty("address").GetString()}");
    }

    /// <summary>What distinguishes the ways of reading a clock on real machines, with wide bands.</summary>
    [Test]
    public void CostsHaveTheOrderOfRealMachines()
    {
        decimal vdso = Median("monotonic/tsc/root/vdso/warm");
        decimal systemCall = Median("monotonic/tsc/root/syscall/warm");
        decimal hpet = Median("monotonic/hpet/root/vdso/warm");
        decimal cold = Median("monotonic/tsc/root/vdso/cold");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vdso, Is.InRange(15, 40), "ns; about 20 to 25 on Zen 2");
            Assert.That(systemCall, Is.InRange(60, 250), "ns; SYSCALL and SYSRET alone are about 65 to 110");
            Assert.That(hpet, Is.InRange(900, 1500), "ns; about 1.1 us on Zen 2");
            Assert.That(cold, Is.GreaterThan(10 * vdso));
            Assert.That(Median("monotonic/tsc/child/vdso/warm"), Is.GreaterThan(vdso), "the namespace's page is a second one to read");
            Assert.That(Median("monotonic_coarse/tsc/root/vdso/warm"), Is.LessThan(vdso), "reads no counter");
        }
    }

    [Test]
    public void HpetReadsAreChargedToTheDevice()
    {
        JsonElement causes = Find("monotonic/hpet/root/syscall/warm").GetProperty("cyclesByCause");
        ulong all = Sum(causes.EnumerateObject().Select(c => c.Value));
        Assert.That(causes.GetProperty("device").GetUInt64() * 2, Is.GreaterThan(all));
    }

    [Test]
    public void ListingOfTheUsualCallIsShown() =>
        Assert.That(_result.Output, Does.Contain("monotonic/tsc/root/vdso/warm: 4 calls").And.Contain("rdtsc").And.Contain("lfence").And.Contain("Vdso/"));

    [Test]
    public void SameStudyGivesSameBytes()
    {
        CommandLine.Result again = CosimProcess.Run("", "study", "clock-gettime", "--calls", "4", "--json", _directory.File("again.json"));
        Assert.That(again.Output, Is.EqualTo(_result.Output));
        Assert.That(File.ReadAllBytes(_directory.File("again.json")), Is.EqualTo(File.ReadAllBytes(_directory.File("report.json"))));
    }

    [Test]
    public void ChosenListingModelCoresAndEngine()
    {
        CommandLine.Result fast = CosimProcess.Run("", "study", "clock-gettime", "--model", "7F32", "--cores", "2", "--calls", "2", "--clocks", "boottime", "--clocksource", "acpi_pm", "--listing", "boottime/acpi_pm/child/syscall/cold");
        CommandLine.Result functional = CosimProcess.Run("", "study", "clock-gettime", "--engine", "functional", "--calls", "2", "--clocks", "monotonic");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((fast.Status, functional.Status), Is.EqualTo((0, 0)), fast.Error + functional.Error);
            Assert.That(fast.Output, Does.Contain("boottime/acpi_pm/child/syscall/cold: 2 calls"));
            Assert.That(functional.Output.Split('\n').Count(l => l.Contains("monotonic", StringComparison.Ordinal)), Is.EqualTo(Configurations / 6));
        }
    }

    [Test]
    public void ReportThatCannotBeWrittenIsRefusedBeforeTheRun()
    {
        CommandLine.Run("study", "clock-gettime", "--json", "/nowhere/report.json").AssertUserError("/nowhere/report.json", "no such directory");
        CommandLine.Run("study", "clock-gettime", "--json", "/tmp").AssertUserError("/tmp", "is a directory");
    }

    private JsonElement Find(string name) => _all.Single(c => Name(c) == name);

    private decimal Median(string name) => Find(name).GetProperty("nanoseconds").GetProperty("median").GetDecimal();

    private static string Name(JsonElement c) =>
        string.Join('/', ((string[])["clock", "clocksource", "namespace", "path", "cache"]).Select(p => c.GetProperty(p).GetString()));

    private static ulong Sum(IEnumerable<JsonElement> numbers)
    {
        ulong sum = 0;
        foreach (JsonElement number in numbers)
            sum += number.GetUInt64();
        return sum;
    }
}
