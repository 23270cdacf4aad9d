using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Running on equals saving, rebuilding, restoring and running on, to the cycle.</summary>
public sealed unsafe class SnapshotTests
{
    [Test]
    public void A_restored_engine_goes_on_in_the_same_cycles([Range(1, 6)] int seed)
    {
        byte[] code = DetailedMachine<NoProbe>.Assemble(new RandomProgram(seed).Emit, DetailedMachine<NoProbe>.CodeAddress);
        using DetailedMachine<NoProbe> first = new();
        first.Memory.Write(DetailedMachine<NoProbe>.CodeAddress, code);
        first.Engine.Run((ulong)(800 + (seed * 371)));
        first.Engine.Quiesce();

        StateWriter writer = new();
        writer.Section(first.Memory);
        writer.Section(first.Cores[0]);
        writer.Section(first.Engine);
        ulong cycle = first.Engine.Now;

        using DetailedMachine<NoProbe> second = new();
        StateReader reader = new(writer.ToArray(), second.Cores[0].Events);
        reader.Section(second.Memory);
        reader.Section(second.Cores[0]);
        second.Engine.Attach(cycle);
        reader.Section(second.Engine);
        Assert.That(reader.AtEnd, Is.True);

        first.Run();
        second.Run();
        Assert.That(second.Engine.Now, Is.EqualTo(first.Engine.Now), $"seed {seed}");
        Assert.That(second.Engine.Retired, Is.EqualTo(first.Engine.Retired));
        Assert.That(second.Engine.Mispredictions, Is.EqualTo(first.Engine.Mispredictions));
        for (int i = 0; i < CycleCauses.Count; i++)
        {
            Assert.That(second.Engine.Cycles[i], Is.EqualTo(first.Engine.Cycles[i]), ((CycleCause)i).ToString());
        }

        for (int i = 0; i < 16; i++)
        {
            Assert.That(second.State->Gpr[i], Is.EqualTo(first.State->Gpr[i]));
        }
    }

    [Test]
    public void A_truncated_snapshot_is_refused()
    {
        using DetailedMachine<NoProbe> machine = new();
        StateWriter writer = new();
        writer.Section(machine.Engine);
        byte[] bytes = writer.ToArray();
        StateReader reader = new(bytes.AsMemory(0, bytes.Length / 2), machine.Cores[0].Events);
        Assert.Throws<SnapshotException>(() => reader.Section(machine.Engine));
    }
}
