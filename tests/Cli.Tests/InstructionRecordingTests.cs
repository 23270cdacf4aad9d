using CoSim.Cli.Trace;
using CoSim.Traces.Format;

namespace CoSim.Cli.Tests;

/// <summary>Traces of level `retire` and `pipeline`.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class InstructionRecordingTests
{
    private const int FirstCause = 3, Cycle = 2;

    private readonly TemporaryDirectory _directory = new();

    /// <summary>Each engine's run is recorded twice: with what happens, and with every instruction, on the detailed engine with every micro-op.</summary>
    [OneTimeSetUp]
    public void Record()
    {
        CosimProcess.RequireBusybox();
        foreach ((string engine, string level) in ((string, string)[])[("functional", "events"), ("functional", "retire"), ("detailed", "events"), ("detailed", "retire"), ("detailed", "pipeline")])
        {
            CommandLine.Result result = CosimProcess.Run("", "record", "-o", Trace(engine, level), "--level", level, "--engine", engine, "--", "/bin/busybox", "true");
            Assert.That(result.Status, Is.Zero, result.Error);
        }
    }

    [OneTimeTearDown]
    public void RemoveRecordings() => _directory.Dispose();

    [TestCase("functional", "retire")]
    [TestCase("detailed", "retire")]
    [TestCase("detailed", "pipeline")]
    public void EveryInstructionIsRecordedAndTheRunIsTheSame(string engine, string level)
    {
        TraceEvent stop = Stop(Trace(engine, "events")), stopOfAll = Stop(Trace(engine, level));
        Dictionary<string, ulong> counts = Count(Trace(engine, level));
        ulong recorded = counts["retire"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stopOfAll.ToString(), Is.EqualTo(stop.ToString()), "instructions and the digest of the whole machine");
            Assert.That(recorded, Is.EqualTo(stop.Number("instructions")));
            Assert.That(counts.GetValueOrDefault("micro-op"), level == "pipeline" ? Is.GreaterThan(recorded) : Is.Zero);
            Assert.That(CosimProcess.Run("", "replay", Trace(engine, level)).Output, Is.EqualTo($"the same: {counts.Values.Aggregate((a, b) => a + b)} events\n"));
        }
    }

    /// <summary>The whole file, machine and other events included; a trace with micro-ops has more.</summary>
    [TestCase("functional", "retire")]
    [TestCase("detailed", "retire")]
    public void EachInstructionTakesAtMostFourBytes(string engine, string level)
    {
        Assert.That((ulong)new FileInfo(Trace(engine, level)).Length, Is.LessThan(4 * Stop(Trace(engine, level)).Number("instructions")));
    }

    [Test]
    public void TheCausesOfAllInstructionsAreAllCycles()
    {
        ulong caused = 0, first = 0, last = 0;
        TraceFile.Read(Trace("detailed", "pipeline"), trace =>
        {
            foreach (TraceEvent e in trace.Events().Where(e => e.Kind.Name is "retire" or "deliver"))
            {
                ulong total = 0;
                for (int i = FirstCause; i < e.Kind.Fields.Count; i++)
                    total = unchecked(total + e.Values[i]);
                caused += total;
                first = last == 0 ? e.Values[Cycle] - total : first;
                last = e.Values[Cycle];
            }

            return 0;
        });
        Assert.That(caused, Is.EqualTo(last - first).And.GreaterThan(1_000_000));
    }

    /// <summary>The same parameters give the recorded cycles; slower memory costs cycles and is named as the cause.</summary>
    [Test]
    public void ARecordedRunIsTimedAgain()
    {
        string trace = Trace("detailed", "pipeline");
        CommandLine.Result same = CosimProcess.Run("", "trace", "time", trace), slower = CosimProcess.Run("", "trace", "time", trace, "--set", "dram.latency=366000", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(same.Output, Does.StartWith($"core 0: the same path, {Stop(trace).Number("instructions")} instructions\n").And.Match(@"cycles: (\d+) before, \1 then, 0\n").And.Contain("every function cost the same"));
            System.Text.Json.Nodes.JsonNode json = System.Text.Json.Nodes.JsonNode.Parse(slower.Output)!;
            Assert.That((ulong)json["causes"]!["dram"]![1]!, Is.GreaterThan((ulong)json["causes"]!["dram"]![0]!));
            Assert.That((string?)json["set"]!["dram.latency"], Is.EqualTo("366000"));
            CommandLine.Run("trace", "time", trace, "--set", "rob.macroops=1").AssertUserError("--set: rob.macroops must be 56 to 224");
            CommandLine.Run("trace", "time", trace, "--set", "rob=1").AssertUserError("--set: 'rob' cannot be changed; these can: ");
            CommandLine.Run("trace", "time", Trace("functional", "retire")).AssertUserError("it holds no instructions of the detailed engine");
        }
    }

    private string Trace(string engine, string level) => _directory.File($"{engine}.{level}.trace");

    private static TraceEvent Stop(string path) => TraceFile.Read(path, t => t.Events().Last(e => e.Kind.Name == "stop"));

    private static Dictionary<string, ulong> Count(string path) =>
        TraceFile.Read(path, t => t.Events().GroupBy(e => e.Kind.Name).ToDictionary(g => g.Key, g => (ulong)g.LongCount()));
}
