using CoSim.Cli.Debug;
using CoSim.Hw.Board;

namespace CoSim.Debug.Tests;

/// <summary>A run that is looked at is the run that is not.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class LookTests
{
    [TestCase(1, EngineKind.Functional, "date & md5sum /bin/busybox | head -c 8; wait")]
    [TestCase(2, EngineKind.Functional, "date & md5sum /bin/busybox | head -c 8; wait")]
    [TestCase(2, EngineKind.Detailed, "date")]
    [TestCase(1, EngineKind.Detailed, "date")]
    public void StepsAndBreakpointsLeaveNoMark(int cores, EngineKind engine, string script)
    {
        using DebugBench alone = new(script, cores, engine);
        ulong expected = alone.Finish();

        Random random = new(cores);
        int stops = 0;
        using DebugBench looked = new(script, cores, engine);
        DebugSession? session = null;
        using (session = looked.Debug(stop =>
        {
            if (++stops % 200 == 0)
            {
                // On to the next slice of the run.
                session!.Points.Clear();
                return new ResumeOrder(ResumeKind.Continue, 0);
            }

            MachineCore core = looked.Run.Machine.Cores[random.Next(cores)];
            ulong place = random.Next(3) == 0 && core.SystemCallEntry != 0 ? core.SystemCallEntry : core.Context.LinearRip + (ulong)random.Next(64);
            session!.Points.Change(random.Next(2), place, 1, insert: random.Next(4) != 0);
            session.Points.Change(2 + random.Next(3), place, 8, insert: random.Next(4) != 0);
            return new ResumeOrder(random.Next(3) == 0 ? ResumeKind.Continue : ResumeKind.Step, core.IsActive ? core.Index : 0);
        }))
        {
            ulong digest = looked.Finish(session.Interrupt);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(looked.Output, Is.EqualTo(alone.Output));
                Assert.That(digest, Is.EqualTo(expected));
                Assert.That(stops, Is.GreaterThan(150));
            }
        }
    }
}
