using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests;

/// <summary>Run on equals save, rebuild, restore, run on; twice the same run gives the same bytes.</summary>
public sealed class SnapshotTests
{
    private const long BootNanoseconds = 130_000_000;

    [Test]
    public void RestoredMachineRunsOnAsIfNothingHadHappened([Values(1, 3)] int cores, [Range(1, 4)] int seed)
    {
        SeededRandom random = new("cuts", (ulong)((cores * 100) + seed));
        using Bench original = new(cores);
        SimTime at = SimTime.Zero;
        for (int cut = 0; cut < 5; cut++)
        {
            at += SimDuration.FromNanoseconds((long)random.Below(BootNanoseconds / 5));
            original.RunTo(at);
            byte[] snapshot = original.Machine.Save();
            using Bench copy = new(cores);
            copy.Machine.Restore(snapshot);
            string where = $"cores {cores}, seed {seed}, cut at {at}";
            Assert.That(copy.Machine.Save().AsSpan().SequenceEqual(snapshot), $"save, restore, save; {where}");

            at += SimDuration.FromNanoseconds((long)random.Below(3_000_000));
            original.RunTo(at);
            copy.RunTo(at);
            Assert.That(copy.Machine.Save().AsSpan().SequenceEqual(original.Machine.Save()), $"run on; {where}");
        }
    }

    [Test]
    public void SameSpecificationGivesTheSameBytesWithAProbeOrWithout([Values(1, 4)] int cores)
    {
        using Bench first = new(cores);
        using Bench second = new(cores);
        CountingProbe probe = new();
        second.Machine.DeviceProbe = probe;
        SimTime end = SimTime.Zero + SimDuration.FromMilliseconds(125);
        first.RunTo(end);
        second.RunTo(end);
        Assert.That(second.Machine.Save().AsSpan().SequenceEqual(first.Machine.Save()));
        Assert.That(second.Console, Is.EqualTo(first.Console));
        Assert.That(probe.Calls, Is.GreaterThan(1000));
    }

    [Test]
    public void SnapshotsOfOtherMachinesAndBrokenOnesAreRefusedByName()
    {
        using Bench one = new(1);
        one.RunTo(SimTime.Zero + SimDuration.FromMilliseconds(3));
        byte[] snapshot = one.Machine.Save();
        Assert.Throws<SnapshotException>(() => Restore(2, snapshot), "another number of cores");
        SeededRandom random = new("cuts", 9);
        for (int i = 0; i < 10; i++)
        {
            int length = (int)random.Below((ulong)snapshot.Length);
            Assert.Throws<SnapshotException>(() => Restore(1, snapshot[..length]), $"{length} of {snapshot.Length} bytes");
        }
    }

    private static void Restore(int cores, byte[] snapshot)
    {
        using Bench bench = new(cores);
        bench.Machine.Restore(snapshot);
    }

    private sealed class CountingProbe : IDeviceProbe
    {
        public int Calls { get; private set; }

        public void ClockRead(string clock, SimTime time, ulong value) => Calls++;

        public void TimerProgrammed(string timer, SimTime time, SimTime expiry) => Calls++;

        public void TimerExpired(string timer, SimTime time) => Calls++;

        public void LineChanged(string line, SimTime time, bool asserted) => Calls++;

        public void PostCode(SimTime time, byte code) => Calls++;

        public void InterruptAccepted(uint apic, SimTime time, byte vector, int mode) => Calls++;
    }
}
