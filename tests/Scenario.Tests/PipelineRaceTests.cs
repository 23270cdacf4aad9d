using CoSim.Cli.Scenarios.Library;
using CoSim.Cli.Trace;
using CoSim.Traces.Export;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>
/// HW-06 and HW-07 out of the pipeline itself: in the run with the bug RDTSC has its value before the older load that it follows in the program, and in the
/// run with the fix never, cycle by cycle.
/// </summary>
[TestFixture]
public sealed class PipelineRaceTests
{
    /// <summary>Instructions between the load and RDTSC, at most.</summary>
    private const int Distance = 8;

    /// <param name="id">The bug.</param>
    /// <param name="core">The core that reads.</param>
    /// <param name="load">How the text of the load begins that RDTSC must not pass.</param>
    [TestCase("HW-06", 1u, "mov r14, [rax]")]
    [TestCase("HW-07", 0u, "mov r15d, [rbx]")]
    public void TheClockIsReadBeforeTheOlderLoadOnlyWithTheBug(string id, uint core, string load)
    {
        BugEntry entry = BugLibrary.Installed.Find(id);
        (int pairs, int early) bug = Count(entry.BugPath, core, load), repaired = Count(entry.FixedPath, core, load);
        TestContext.Out.WriteLine($"{id}: with the bug {bug.early} of {bug.pairs}, with the fix {repaired.early} of {repaired.pairs}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bug.pairs, Is.GreaterThan(100));
            Assert.That(bug.early, Is.GreaterThan(bug.pairs / 10));
            Assert.That(repaired.pairs, Is.GreaterThan(100));
            Assert.That(repaired.early, Is.Zero);
        }
    }

    /// <summary>Loads with an RDTSC behind them, and those whose RDTSC issued before the load was complete.</summary>
    private static (int Pairs, int Early) Count(string scenario, uint core, string load)
    {
        using TemporaryDirectory directory = new();
        string trace = directory.File("p.trace");
        CommandLine.Result result = CommandLine.Run("scenario", "run", scenario, "--record", trace, "--record-level", "pipeline");
        Assert.That(result.Status, Is.Zero, result.Output + result.Error);
        return TraceFile.Read(trace, reader =>
        {
            int pairs = 0, early = 0, left = 0;
            ulong complete = 0;
            foreach (PipelineOp op in PipelineOp.Of(reader.Events()).Where(o => o.Core == core))
            {
                if (op.Text.StartsWith(load, StringComparison.Ordinal))
                    (complete, left) = (op.Stages.Complete, Distance);
                else if (left > 0 && op.Text.StartsWith("rdtsc", StringComparison.Ordinal))
                    (pairs, early, left) = (pairs + 1, early + (op.Stages.Issue < complete ? 1 : 0), 0);
                else if (op.Index == 0)
                    left--;
            }
            return (pairs, early);
        });
    }
}
