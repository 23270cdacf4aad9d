using CoSim.Cli.Debug;
using CoSim.Hw.Board;

namespace CoSim.Debug.Tests;

/// <summary>Going backwards, and forwards again.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class ReverseTests
{
    private static string Script(EngineKind engine) => engine == EngineKind.Functional
        ? "echo one; date & md5sum /bin/busybox | head -c 8; wait"
        : "echo one; date & head -c 20000 /bin/busybox | md5sum; wait";

    /// <summary>Steps forwards note where the machine was; steps backwards come by the same places, and the end is the same.</summary>
    [TestCase(1, 3, EngineKind.Functional)]
    [TestCase(2, 4, EngineKind.Functional)]
    [TestCase(1, 5, EngineKind.Detailed)]
    [TestCase(3, 6, EngineKind.Detailed)]
    public void StepsBackComeByTheSamePlaces(int cores, int seed, EngineKind engine)
    {
        using DebugBench alone = new(Script(engine), cores, engine);
        ulong expected = alone.Finish();

        Random random = new(seed);
        List<ulong[]> places = [];
        int direction = 0, rounds = 0, compared = 0, core = 0;
        using DebugBench looked = new(Script(engine), cores, engine);
        DebugSession? session = null;
        ResumeOrder Serve(StopEvent stop)
        {
            MachineCore at = looked.Run.Machine.Cores[core];
            if (direction < 0)
            {
                Assert.That(PlaceOf(at), Is.EqualTo(places[^1]), $"round {rounds}, {places.Count} steps from its beginning");
                compared++;
                places.RemoveAt(places.Count - 1);
                direction = places.Count == 0 ? 0 : -1;
            }
            else if (direction > 0)
            {
                places.Add(PlaceOf(at));
                direction = places.Count == 40 ? -1 : 1;
                if (direction < 0)
                    places.RemoveAt(places.Count - 1);
            }

            if (direction == 0 && stop.Kind == StopKind.Interrupt && rounds < 6)
            {
                core = random.Next(cores);
                core = looked.Run.Machine.Cores[core].IsActive ? core : 0;
                direction = looked.Run.Machine.Cores[core].IsActive ? 1 : 0;
                rounds += direction;
            }

            return new ResumeOrder(direction switch { > 0 => ResumeKind.Step, < 0 => ResumeKind.ReverseStep, _ => ResumeKind.Continue }, core);
        }

        using (session = looked.Debug(Serve))
        {
            ulong digest = looked.Finish(() =>
            {
                // Slices come by on the way back too; nobody interrupts that.
                if (direction == 0)
                    session.Interrupt();
            });
            using (Assert.EnterMultipleScope())
            {
                Assert.That(looked.Output, Is.EqualTo(alone.Output));
                Assert.That(digest, Is.EqualTo(expected));
                Assert.That(compared, Is.GreaterThan(100));
            }
        }
    }

    /// <summary>From the end of the run back to the last writes to a variable, then to its first boundary, then to the end again.</summary>
    [TestCase(1, EngineKind.Functional)]
    [TestCase(2, EngineKind.Functional)]
    [TestCase(1, EngineKind.Detailed)]
    [TestCase(2, EngineKind.Detailed)]
    public void TheEndLeadsBackToWritesAndToTheBeginning(int cores, EngineKind engine)
    {
        using DebugBench alone = new(Script(engine), cores, engine);
        ulong expected = alone.Finish();

        List<(StopKind Kind, ulong Instructions)> stops = [];
        using DebugBench looked = new(Script(engine), cores, engine);
        DebugSession? session = null;
        ResumeOrder Serve(StopEvent stop)
        {
            stops.Add((stop.Kind, looked.Run.Machine.Instructions));
            if (stop.Kind == StopKind.HistoryEnd && stops.Count < 4)
            {
                MachineCore core = looked.Run.Machine.Cores[0];
                session!.Points.Change(1, core.SystemCallEntry, 1, insert: true);
            }
            else if (stops.Count == 5)
            {
                session!.Points.Clear();
            }

            bool back = stop.Kind == StopKind.HistoryEnd ? stops.Count < 6 : stops.Count is > 1 and < 6;
            return new ResumeOrder(back ? ResumeKind.ReverseContinue : ResumeKind.Continue, 0);
        }

        using (session = looked.Debug(Serve))
        {
            ulong digest = looked.Finish();
            TestContext.Out.WriteLine(string.Join(' ', stops));
            using (Assert.EnterMultipleScope())
            {
                Assert.That(stops.Select(s => s.Kind), Is.EqualTo((StopKind[])
                [
                    StopKind.Interrupt, StopKind.HistoryEnd, StopKind.HardwareBreakpoint, StopKind.HardwareBreakpoint, StopKind.HardwareBreakpoint,
                    StopKind.HistoryBegin, StopKind.HistoryEnd,
                ]));
                Assert.That(stops.Skip(1).Take(5).Select(s => s.Instructions), Is.Ordered.Descending);
                Assert.That(stops[5].Instructions, Is.Zero);
                Assert.That(stops[6], Is.EqualTo(stops[1]));
                Assert.That(looked.Output, Is.EqualTo(alone.Output));
                Assert.That(digest, Is.EqualTo(expected));
            }
        }
    }

    private static unsafe ulong[] PlaceOf(MachineCore core) =>
        [core.Instructions, core.Context.LinearRip, core.Context.State->Gpr[0], core.Context.State->Gpr[4], core.Context.State->RFlags, core.Cycle];
}
