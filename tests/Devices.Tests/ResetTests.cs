using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>A warm reset leaves every device as it was when the machine was built, but for time.</summary>
public sealed class ResetTests
{
    [Test]
    public void NoEventAndNoRequestSurvivesAReset([Range(1, 20)] int seed)
    {
        SeededRandom software = new("software", (ulong)seed);
        World world = new();
        for (int i = 0; i < 500; i++)
        {
            world.Step(software);
        }

        world.Reset();
        int observed = world.Observed.Count;
        world.Rig.Run(SimDuration.FromSeconds(1000));
        Assert.That(world.Rig.Events.Count, Is.Zero, $"seed {seed}");
        Assert.That(world.Observed, Has.Count.EqualTo(observed), $"seed {seed}");
        Assert.That(world.Cores.Select(c => c.Request), Is.All.False, $"seed {seed}");
        Assert.That(world.Ports.Read(0x21, 1, out _), Is.EqualTo(0xFF));
        Assert.That(world.Memory.Read(0xFED0_0010, 4, out _), Is.Zero);
        Assert.That(world.Ports.Read(0x3FD, 1, out _), Is.EqualTo(0x60));
    }
}
