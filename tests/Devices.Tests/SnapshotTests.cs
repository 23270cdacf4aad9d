using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>Run on equals save, rebuild, restore, run on; and no access whatever throws.</summary>
public sealed class SnapshotTests
{
    private const int Steps = 1500;

    [Test]
    public void RestoredDevicesRunOnAsIfNothingHadHappened([Range(1, 40)] int seed)
    {
        SeededRandom software = new("software", (ulong)seed);
        World original = new();
        int cut = (int)new SeededRandom("cut", (ulong)seed).Below(Steps);
        for (int i = 0; i < cut; i++)
        {
            original.Step(software);
        }

        byte[] snapshot = original.Save();
        byte[] softwareState = original.Rig.Save(software);
        original.Observed.Clear();
        for (int i = cut; i < Steps; i++)
        {
            original.Step(software);
        }

        World copy = new();
        SeededRandom sameSoftware = new("software", 0);
        copy.Rig.Restore(softwareState, sameSoftware);
        copy.Restore(snapshot);
        for (int i = cut; i < Steps; i++)
        {
            copy.Step(sameSoftware);
        }

        Assert.That(copy.Observed, Is.EqualTo(original.Observed), $"seed {seed}, cut {cut}");
        Assert.That(copy.Save(), Is.EqualTo(original.Save()), $"seed {seed}, cut {cut}");
    }

    [Test]
    public void SaveRestoreSaveIsTheIdentity([Range(1, 10)] int seed)
    {
        SeededRandom software = new("software", (ulong)seed + 1000);
        World world = new();
        for (int i = 0; i < Steps; i++)
        {
            world.Step(software);
            if (i % 100 == 0)
            {
                byte[] snapshot = world.Save();
                World copy = new();
                copy.Restore(snapshot);
                Assert.That(copy.Save(), Is.EqualTo(snapshot), $"seed {seed + 1000}, step {i}");
            }
        }
    }

    [Test]
    public void TruncatedSnapshotsAreRefusedByName()
    {
        World world = new();
        byte[] snapshot = world.Save();
        for (int length = 0; length < snapshot.Length; length += 7)
        {
            int cut = length;
            Assert.Throws<SnapshotException>(() => new World().Restore(snapshot[..cut]), $"{length} bytes");
        }
    }

    [Test]
    public void TheStepsDoReachEverything()
    {
        World world = new();
        SeededRandom software = new("software", 5);
        for (int i = 0; i < 6000; i++)
        {
            world.Step(software);
        }

        string all = string.Join('\n', world.Observed);
        Assert.Multiple(() =>
        {
            Assert.That(all, Does.Contain("takes 50"), "local APIC timer");
            Assert.That(all, Does.Contain("takes 76"), "HPET through IO-APIC pin 22");
            Assert.That(all, Does.Contain("takes 62"), "IRQ 0 through pin 2");
            Assert.That(all, Does.Contain("takes 68"), "RTC through pin 8");
        });
    }
}
