using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

public sealed class SeededRandomTests
{
    [Test]
    public void SameSeedSameNumbersAndTheFirstOnesAreFixedForEver()
    {
        SeededRandom random = new("random", 42);
        ulong[] numbers = [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()];

        // Computed from the published reference algorithms (xoshiro256** seeded by splitmix64) by an independent program.
        Assert.That(numbers, Is.EqualTo(new ulong[] { 1546998764402558742, 6990951692964543102, 12544586762248559009 }));
    }

    [Test]
    public void BelowStaysBelowAndReachesEverything()
    {
        SeededRandom random = new("random", 7);
        int[] counts = new int[10];
        for (int i = 0; i < 10_000; i++)
        {
            counts[(int)random.Below(10)]++;
        }

        Assert.That(counts, Is.All.InRange(850, 1150));
    }

    [Test]
    public void StateSurvivesASnapshot()
    {
        Rig rig = new();
        SeededRandom random = new("random", 1);
        random.NextUInt64();
        byte[] snapshot = rig.Save(random);
        ulong next = random.NextUInt64();
        SeededRandom other = new("random", 2);
        rig.Restore(snapshot, other);
        Assert.That(other.NextUInt64(), Is.EqualTo(next));
    }
}
