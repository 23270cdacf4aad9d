using System.Text.RegularExpressions;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests;

/// <summary>Runs stop, and engines change, exactly where they were told to.</summary>
public sealed partial class TriggerTests
{
    private static readonly SimTime End = SimTime.Zero + SimDuration.FromSeconds(3);

    [Test]
    public void InstructionCountIsExactOnTheFunctionalEngine([Values(1, 3)] int cores, [Range(1, 3)] int seed)
    {
        SeededRandom random = new("counts", (ulong)((cores * 100) + seed));
        using Bench plain = new(cores);
        Assert.That(plain.RunTo(End), Is.EqualTo(StopReason.PowerOff), plain.Console);
        using Bench bench = new(cores);
        for (int cut = 0; cut < 8; cut++)
        {
            ulong at = bench.Machine.Instructions + random.Below(plain.Machine.Instructions / 9);
            StopAt(bench, RunPlace.AtInstruction(at), StopReason.InstructionsReached);
            Assert.That(bench.Machine.Instructions, Is.EqualTo(at), $"cores {cores}, seed {seed}");
        }
    }

    [Test]
    public void InstructionCountIsExactOnTheDetailedEngine([Values(1, 2)] int cores)
    {
        SeededRandom random = new("counts", (ulong)cores);
        using Bench bench = new(cores, EngineKind.Detailed);
        for (int cut = 0; cut < 30; cut++)
        {
            ulong at = bench.Machine.Instructions + random.Below(10_000);
            StopAt(bench, RunPlace.AtInstruction(at), StopReason.InstructionsReached);
            Assert.That(bench.Machine.Instructions, Is.EqualTo(at));
        }
    }

    [Test]
    public unsafe void BothEnginesReachAnAddressOfTheFirmwareAfterTheSameInstructions([Range(1, 6)] int seed)
    {
        // Before it looks at a clock, the firmware executes the same instructions at any speed.
        const ulong beforeAnyClock = 3000;
        SeededRandom random = new("addresses", (ulong)seed);
        using Bench scout = new(1);
        StopAt(scout, RunPlace.AtInstruction(1 + random.Below(beforeAnyClock)), StopReason.InstructionsReached);
        ulong address = scout.Machine.Cores[0].Context.LinearRip;
        List<ulong> counts = [];
        foreach (EngineKind engine in (EngineKind[])[EngineKind.Functional, EngineKind.Detailed])
        {
            using Bench bench = new(1, engine);
            StopAt(bench, RunPlace.AtAddress(address), StopReason.AddressReached);
            Assert.That(bench.Machine.Cores[0].Context.LinearRip, Is.EqualTo(address), $"{engine}, seed {seed}");
            counts.Add(bench.Machine.Instructions);

            // The same place again: past it first.
            bench.Machine.Arm(new Trigger(RunPlace.AtInstruction(bench.Machine.Instructions + 1), null));
            Assert.That(bench.RunTo(End), Is.EqualTo(StopReason.InstructionsReached));
            Assert.That(bench.Machine.Instructions, Is.EqualTo(counts[^1] + 1));
        }

        Assert.That(counts[0], Is.EqualTo(counts[1]).And.LessThanOrEqualTo(scout.Machine.Instructions), $"{address:X}h, seed {seed}");
    }

    [Test]
    public void ATriggerThatNeverHappensChangesNothing()
    {
        using Bench plain = new(1);
        using Bench armed = new(1);
        armed.Machine.Arm(new Trigger(RunPlace.AtAddress(0x7FFF_1234_5678), null));
        armed.Machine.Arm(new Trigger(RunPlace.AtInstruction(ulong.MaxValue - 1), EngineKind.Detailed));
        SimTime end = SimTime.Zero + SimDuration.FromMilliseconds(100);
        plain.RunTo(end);
        armed.RunTo(end);
        Assert.That(armed.Machine.Save().AsSpan().SequenceEqual(plain.Machine.Save()));
        Assert.That(armed.Machine.Armed, Has.Count.EqualTo(2));
    }

    [Test]
    public void EnginesThatChangeAtRandomInstructionsLoseNothing([Range(1, 4)] int seed)
    {
        using Bench plain = new(1);
        Assert.That(plain.RunTo(End), Is.EqualTo(StopReason.PowerOff), plain.Console);
        SeededRandom random = new("switches", (ulong)seed);
        using Bench mixed = new(1);
        ulong at = 0;
        for (int n = 0; n < 12; n++)
        {
            at += random.Below(plain.Machine.Instructions / 12);
            ulong length = 1 + random.Below(30_000);
            mixed.Machine.Arm(new Trigger(RunPlace.AtInstruction(at), EngineKind.Detailed));
            mixed.Machine.Arm(new Trigger(RunPlace.AtInstruction(at + length), EngineKind.Functional));
            at += length;
        }

        Assert.That(mixed.RunTo(End), Is.EqualTo(StopReason.PowerOff), $"seed {seed}: {mixed.Console}");
        Assert.That(mixed.Machine.Armed.Count(t => t.SwitchTo == EngineKind.Detailed), Is.LessThan(6), $"seed {seed}");
        Assert.That(WithoutNumbers(mixed.Console), Is.EqualTo(WithoutNumbers(plain.Console)), $"seed {seed}");
    }

    private static void StopAt(Bench bench, RunPlace place, StopReason reason)
    {
        bench.Machine.Arm(new Trigger(place, null));
        Assert.That(bench.RunTo(End), Is.EqualTo(reason), $"{place}: {bench.Console}");
    }

    /// <summary>Times and calibrated frequencies differ with the speed of the engine.</summary>
    private static string WithoutNumbers(string console) => Numbers().Replace(console, "#");

    [GeneratedRegex(@" *(0x[0-9a-f]+|-?\d+(\.\d+)?)")]
    private static partial Regex Numbers();
}
