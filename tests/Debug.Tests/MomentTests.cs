using System.Globalization;
using System.Reflection;
using CoSim.Cli.Running;
using CoSim.Hw.Board;

namespace CoSim.Debug.Tests;

/// <summary>Moments of a machine, with all that is in flight on the detailed engine.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class MomentTests
{
    private const string Script = "echo one; head -c 3000 /bin/busybox | md5sum & head -c 3000 /bin/busybox | md5sum; wait";

    /// <summary>
    /// What need not come back: the end of a turn, which the next one sets, and counts of events, from which counters start anew.
    /// </summary>
    private static readonly string[] NotKept = ["_until", "_stopNow", "_events", "_fetchEpoch", "_passed"];

    /// <summary>Every plain field of an engine is after the way back what it was: one that is added and not kept is found here by its name.</summary>
    [TestCase(1)]
    [TestCase(3)]
    public void EveryFieldOfTheEngineComesBack(int cores)
    {
        using DebugBench bench = new(Script, cores, EngineKind.Detailed);
        Machine machine = bench.Run.Machine;
        List<string> wrong = [];
        HashSet<string> moved = [];
        for (int round = 1; round <= 4 && bench.Run.ExitStatus is null; round++)
        {
            _ = bench.Run.Run(() => false);
            if (!machine.CanTakeMoment)
                continue;
            MachineMoment moment = machine.TakeMoment(null);
            RunMark mark = bench.Run.TakeMark();
            Dictionary<string, string> then = Fields(machine);
            _ = bench.Run.Run(() => false);
            foreach ((string name, string value) in Fields(machine))
            {
                if (then[name] != value)
                    _ = moved.Add(name);
            }

            machine.Return(moment);
            bench.Run.Return(mark);
            foreach ((string name, string value) in Fields(machine))
            {
                if (then[name] != value)
                    wrong.Add($"{name}: {then[name]} then, {value} now");
            }
        }

        TestContext.Out.WriteLine($"{moved.Count} fields had changed");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(moved, Has.Count.GreaterThan(15));
        }
    }

    /// <summary>A run with moments at random places, some of which it goes back to, ends as the run that nobody looks at.</summary>
    [TestCase(1, 7)]
    [TestCase(3, 8)]
    public void GoingBackChangesNothing(int cores, int seed)
    {
        using DebugBench alone = new(Script, cores, EngineKind.Detailed);
        ulong expected = alone.Finish();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        using DebugBench bench = new(Script, cores, EngineKind.Detailed);
        Machine machine = bench.Run.Machine;
        (MachineMoment Moment, RunMark Mark)? kept = null;
        int returns = 0;
        ulong digest = bench.Finish(() =>
        {
            if (kept is { } back && random.Next(3) == 0)
            {
                machine.Return(back.Moment);
                bench.Run.Return(back.Mark);
                kept = null;
                returns++;
            }
            else if (random.Next(2) == 0 && machine.CanTakeMoment)
            {
                kept = (machine.TakeMoment(kept?.Moment), bench.Run.TakeMark());
            }
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(digest, Is.EqualTo(expected));
            Assert.That(bench.Output, Is.EqualTo(alone.Output));
            Assert.That(returns, Is.Positive);
        }
    }

    private static Dictionary<string, string> Fields(Machine machine)
    {
        Dictionary<string, string> all = [];
        foreach (MachineCore core in machine.Cores)
        {
            foreach (FieldInfo field in core.Engine.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
            {
                if (!NotKept.Contains(field.Name) && TextOf(field, field.GetValue(core.Engine)) is { } text)
                    all[$"core {core.Index} {field.Name}"] = text;
            }
        }

        return all;
    }

    /// <summary>A number, a truth value, or an array of them; null for what is something else.</summary>
    private static string? TextOf(FieldInfo field, object? value) => value switch
    {
        Array { Length: < 64 } array when field.FieldType.GetElementType()!.IsPrimitive => string.Join(' ', array.Cast<object>()),
        Enum or bool or IFormattable when field.FieldType.IsPrimitive || field.FieldType.IsEnum => Convert.ToString(value, CultureInfo.InvariantCulture),
        _ => null,
    };
}
