using CoSim.Hw.Simulation;

namespace CoSim.Tests.Simulation;

public class StateTests
{
    private static byte[] Snapshot()
    {
        StateWriter writer = new();
        writer.Section(new Component { Value = 0x1122334455667788, Label = "ready" });
        return writer.ToArray();
    }

    [Test]
    public void ASectionRoundTrips()
    {
        Component read = new();
        StateReader reader = new(Snapshot(), new EventQueue());
        reader.Section(read);
        Assert.Multiple(() =>
        {
            Assert.That(read.Value, Is.EqualTo(0x1122334455667788));
            Assert.That(read.Label, Is.EqualTo("ready"));
            Assert.That(reader.AtEnd);
        });
    }

    [Test]
    public void EveryTruncationIsOneErrorThatNamesItsPlace()
    {
        byte[] whole = Snapshot();
        for (int length = 0; length < whole.Length; length++)
        {
            StateReader reader = new(whole.AsMemory(0, length), new EventQueue());
            Assert.That(() => reader.Section(new Component()), Throws.InstanceOf<SnapshotException>().With.Message.Contains("byte "), $"length {length}");
        }
    }

    [Test]
    public void AnotherComponentsSectionIsRefused()
    {
        StateReader reader = new(Snapshot(), new EventQueue());
        Assert.That(() => reader.Section(new Component { Name = "hpet" }), Throws.InstanceOf<SnapshotException>().With.Message.Contains("'hpet'"));
    }

    private sealed class Component : IStateful
    {
        public string Name { get; init; } = "component";

        public ulong Value { get; set; }

        public string Label { get; set; } = "";

        public string StateName => Name;

        public void Save(StateWriter writer)
        {
            writer.UInt64(Value);
            writer.Text(Label);
        }

        public void Restore(StateReader reader)
        {
            Value = reader.UInt64();
            Label = reader.Text();
        }
    }
}
