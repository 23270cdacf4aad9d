using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests;

/// <summary>Both engines execute the firmware and the operating system alike, instruction by instruction.</summary>
public sealed class BootLockStepTests
{
    private static readonly SimTime End = SimTime.Zero + SimDuration.FromSeconds(3);

    [Test]
    public void TheWholeBootIsTheSameOnBothEngines()
    {
        LockStepLink link = new();
        using Bench bench = new(1, EngineKind.Detailed, link);
        using BootLockStep checker = new(bench, bench.Machine.RequestStop);
        link.Checker = checker;
        StopReason reason = bench.RunTo(End);
        Check(bench, checker);
        Assert.That(reason, Is.EqualTo(StopReason.PowerOff), bench.Console);
        Assert.That(checker.Checked, Is.EqualTo(bench.Machine.Instructions));
        Assert.That(checker.Interrupts, Is.GreaterThan(10));
        Assert.That(checker.ClockReads, Is.GreaterThan(100));
    }

    private static void Check(Bench bench, BootLockStep checker)
    {
        Assert.That(checker.Difference, Is.Null);
        bench.Machine.Save();
        checker.CompareMemory(bench.Machine.Memory);
        TestContext.Out.WriteLine(
            $"{checker.Checked} instructions compared, {checker.Interrupts} interrupts, {checker.Faults} faults, {checker.ClockReads} reads of clocks, {checker.AccessedBits} late accessed bits");
    }
}
