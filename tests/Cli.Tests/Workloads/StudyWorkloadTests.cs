using System.Text.Json;

namespace CoSim.Cli.Tests.Workloads;

/// <summary>`cosim study workload` from a recording to the report.</summary>
[TestFixture]
public sealed class StudyWorkloadTests
{
    private const int Calls = 24;
    private const ulong SleepNanoseconds = 500_000;
    private const string Sources = "tsc,hpet,acpi_pm";

    private TemporaryDirectory _directory = null!;
    private CommandLine.Result _result = null!;
    private JsonElement[] _replays = [];

    /// <summary>A program that reads a clock and sleeps, every two milliseconds.</summary>
    [OneTimeSetUp]
    public void ReplayAProgram()
    {
        _directory = new TemporaryDirectory();
        List<string> lines = [];
        for (int i = 0; i < Calls; i++)
        {
            lines.Add($"9 {1 + i * 2 / 1000m:F6} clock_gettime(CLOCK_MONOTONIC, {{tv_sec=1, tv_nsec=1}}) = 0 <0.000010>");
            lines.Add($"9 {1.0004m + i * 2 / 1000m:F6} clock_nanosleep(CLOCK_MONOTONIC, 0, {{tv_sec=0, tv_nsec={SleepNanoseconds}}}, NULL) = 0 <0.000560>");
        }

        Import("program", [.. lines]);
        _result = Replay("program", "report.json", "--path", "vdso", "--clocksource", Sources);
        Assert.That(_result.Status, Is.Zero, _result.Error);
        _replays = [.. JsonDocument.Parse(File.ReadAllBytes(_directory.File("report.json"))).RootElement.GetProperty("replays").EnumerateArray()];
    }

    [OneTimeTearDown]
    public void RemoveFiles() => _directory.Dispose();

    [Test]
    public void EveryCallIsMeasuredUnderEveryConfiguration()
    {
        Assert.That(_replays.Select(Name), Is.EqualTo(new[] { "tsc/root", "tsc/child", "hpet/root", "hpet/child", "acpi_pm/root", "acpi_pm/child" }));
        foreach (JsonElement replay in _replays)
        {
            Assert.That(replay.GetProperty("abandoned").GetInt32(), Is.Zero);
            Assert.That(replay.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("calls").GetInt32()), Is.EqualTo(new[] { Calls, Calls }), Name(replay));
        }
    }

    [Test]
    public void CyclesOfACallAreTheSumOfItsCauses()
    {
        foreach (JsonElement replay in _replays)
            foreach (JsonElement row in replay.GetProperty("rows").EnumerateArray())
            {
                ulong causes = 0, halted = 0;
                foreach (JsonProperty cause in row.GetProperty("cyclesByCause").EnumerateObject())
                {
                    causes += cause.Value.GetUInt64();
                    halted += cause.Name == "halted" ? cause.Value.GetUInt64() : 0;
                }

                Assert.That(causes - halted, Is.EqualTo(Sum(row, "busySamples")), Name(replay));
                Assert.That(causes, Is.EqualTo(Sum(row, "elapsedSamples")), "one thread on one core: a call's cycles are busy or halted");
            }
    }

    /// <summary>What distinguishes the clocks on real machines, with wide bands: HPET and PM timer cost a read over the bus, about 1 us.</summary>
    [Test]
    public void CostsHaveTheOrderOfRealMachines()
    {
        decimal tsc = Median("tsc/root", "clock_gettime"), child = Median("tsc/child", "clock_gettime");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tsc, Is.InRange(15, 60), "ns by the vDSO");
            Assert.That(child, Is.InRange(tsc, 2 * tsc), "the namespace's page is a second one to read");
            Assert.That(Median("hpet/root", "clock_gettime"), Is.InRange(900, 2000));
            Assert.That(Median("acpi_pm/root", "clock_gettime"), Is.InRange(900, 2000));
            Assert.That(Median("hpet/root", "clock_nanosleep"), Is.GreaterThan(Median("tsc/root", "clock_nanosleep") + 900), "the kernel reads the clock to sleep");
            Assert.That(Median("tsc/root", "clock_nanosleep"), Is.InRange(1000, 20_000), "ns of work in a sleep");
        }
    }

    [Test]
    public void SleepsEndAfterTheirTimeAndNotMuchLater()
    {
        foreach (JsonElement replay in _replays)
        {
            JsonElement late = Row(replay, "clock_nanosleep").GetProperty("lateNanoseconds");
            Assert.That(late.GetProperty("min").GetUInt64(), Is.LessThan(50_000));
            Assert.That(late.GetProperty("max").GetUInt64(), Is.InRange(1, 200_000), Name(replay));
            Assert.That(Row(replay, "clock_nanosleep").GetProperty("elapsedCycles").GetProperty("min").GetUInt64(), Is.GreaterThan(SleepNanoseconds * 9 / 4));
        }
    }

    /// <summary>The program lives as long as when it was recorded, but for how late its sleeps were then and are now.</summary>
    [Test]
    public void GapsArePreserved()
    {
        // Between the calls of a period 390 us and 1,040 us; the last period ends with its sleep.
        const ulong gaps = Calls * 390_000UL + (Calls - 1) * 1_040_000UL;
        const ulong tick = 4_000_000;
        foreach (JsonElement replay in _replays)
        {
            ulong inCalls = replay.GetProperty("rows").EnumerateArray().Aggregate(0UL, (sum, r) => sum + Sum(r, "elapsedSamples")) * 4 / 9;
            ulong life = replay.GetProperty("lifeCycles").GetUInt64() * 4 / 9;
            Assert.That(life - inCalls, Is.InRange(gaps, gaps + tick), Name(replay));
        }
    }

    [Test]
    public void TableHasARowForEachCallAndTheShareOfAll()
    {
        string[] lines = _result.Output.Split('\n');
        Assert.That(lines.Count(l => l.Contains("clock_gettime  ", StringComparison.Ordinal) && l.Contains("vdso", StringComparison.Ordinal)), Is.EqualTo(6));
        Assert.That(lines.Count(l => l.Contains("clock_nanosleep", StringComparison.Ordinal) && l.Contains("expired", StringComparison.Ordinal)), Is.EqualTo(6));
        Assert.That(lines.Count(l => l.StartsWith("CoSim ", StringComparison.Ordinal)), Is.EqualTo(6));
        Assert.That(_result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.Not.Empty.And.All.Matches("^(sim|host)[A-Z]"));
    }

    [Test]
    public void SameWorkloadGivesSameBytes()
    {
        CommandLine.Result again = Replay("program", "again.json", "--path", "vdso", "--clocksource", Sources);
        Assert.That(again.Output, Is.EqualTo(_result.Output));
        Assert.That(File.ReadAllBytes(_directory.File("again.json")), Is.EqualTo(File.ReadAllBytes(_directory.File("report.json"))));
    }

    /// <summary>Three threads of a Python program that wait for each other, on fewer and on as many cores, and on both engines.</summary>
    [TestCase("1", "detailed")]
    [TestCase("3", "detailed")]
    [TestCase("2", "functional")]
    public void ThreadsOfARealProgramAreReplayed(string cores, string engine)
    {
        Import("threads", File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Recordings", "strace-threads.txt")));
        CommandLine.Result result = Replay("threads", "threads.json", "--clocksource", "tsc", "--namespace", "root", "--cores", cores, "--engine", engine);
        Assert.That(result.Status, Is.Zero, result.Error);
        JsonElement replay = JsonDocument.Parse(File.ReadAllBytes(_directory.File("threads.json"))).RootElement.GetProperty("replays")[0];
        Assert.That(replay.GetProperty("threads").GetArrayLength(), Is.EqualTo(3));
        Assert.That(replay.GetProperty("rows").EnumerateArray().Sum(r => r.GetProperty("calls").GetInt32()), Is.EqualTo(31));
        foreach (JsonElement row in replay.GetProperty("rows").EnumerateArray())
            Assert.That(
                row.GetProperty("busySamples").EnumerateArray().Zip(row.GetProperty("elapsedSamples").EnumerateArray(), (b, e) => b.GetUInt64() <= e.GetUInt64()),
                Is.All.True);
    }

    [Test]
    public void MistakesAreOneLine()
    {
        Import("idle", ["1 1.0 brk(NULL) = 0 <0.1>"]);
        string program = _directory.File("program.trace");
        CommandLine.Run("study", "workload", _directory.File("none.trace")).AssertUserError("none.trace: no such file");
        CommandLine.Run("study", "workload", _directory.File("program.txt")).AssertUserError("program.txt");
        CommandLine.Run("study", "workload", _directory.File("idle.trace")).AssertUserError("idle.trace: no call on a clock or timer that can be replayed");
        CommandLine.Run("study", "workload", program, "--path", "fast").AssertUserError("--path 'fast': must be vdso or syscall");
        CommandLine.Run("study", "workload", program, "--longest-gap", "soon").AssertUserError("--longest-gap 'soon': must be seconds");
        CommandLine.Run("study", "workload", program, "--json", "/nowhere/x").AssertUserError("/nowhere/x", "no such directory");
    }

    private void Import(string name, string[] lines)
    {
        File.WriteAllLines(_directory.File(name + ".txt"), lines);
        CommandLine.Result result = CommandLine.Run("trace", "import", _directory.File(name + ".txt"), "-o", _directory.File(name + ".trace"), "--strict");
        Assert.That(result.Status, Is.Zero, result.Error);
    }

    private CommandLine.Result Replay(string name, string json, params string[] options) =>
        CosimProcess.Run("", ["study", "workload", _directory.File(name + ".trace"), "--json", _directory.File(json), .. options]);

    private decimal Median(string replay, string call) =>
        Row(_replays.Single(r => Name(r) == replay), call).GetProperty("busyNanoseconds").GetProperty("median").GetDecimal();

    private static JsonElement Row(JsonElement replay, string call) => replay.GetProperty("rows").EnumerateArray().Single(r => r.GetProperty("call").GetString() == call);

    private static string Name(JsonElement replay) => $"{replay.GetProperty("clocksource").GetString()}/{replay.GetProperty("namespace").GetString()}";

    private static ulong Sum(JsonElement row, string samples) => row.GetProperty(samples).EnumerateArray().Aggregate(0UL, (sum, s) => sum + s.GetUInt64());
}
