using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>The 8042 as the IBM PS/2 Hardware Interface Technical Reference (1988) describes it, with a keyboard that only answers.</summary>
public sealed class KeyboardControllerTests
{
    private const ushort Data = 0x60, Command = 0x64;
    private const byte Full = 1;

    private readonly Rig _rig = new();
    private readonly PortBus _ports = new();
    private readonly Reset _machine = new();
    private readonly FakeInput _irq1 = new();
    private readonly KeyboardController _controller;

    public KeyboardControllerTests()
    {
        _controller = Make(_irq1);
        _controller.Map(_ports);
    }

    [SetUp]
    public void SetUp()
    {
        _controller.Reset();
        _machine.Asked.Clear();
        _rig.Log.Clear();
    }

    [Test]
    public void SelfTestPassesAndSetsTheSystemFlag()
    {
        Assert.That(Status() & 0x05, Is.Zero);
        Tell(0xAA);
        Assert.That(Answers(), Is.EqualTo(new byte[] { 0x55 }));
        Assert.That(Status() & 0x05, Is.EqualTo(0x04));
    }

    [Test]
    public void StatusSaysWhetherACommandWasLast()
    {
        Tell(0xAD);
        Assert.That(Status() & 8, Is.EqualTo(8));
        Type(0xEE);
        Assert.That(Status() & 8, Is.Zero);
    }

    [TestCase(new byte[] { 0xEE }, new byte[] { 0xEE })]
    [TestCase(new byte[] { 0xF2 }, new byte[] { 0xFA, 0xAB, 0x83 })]
    [TestCase(new byte[] { 0xFF }, new byte[] { 0xFA, 0xAA })]
    [TestCase(new byte[] { 0xED, 0x07 }, new byte[] { 0xFA, 0xFA })]
    [TestCase(new byte[] { 0xED, 0xEE }, new byte[] { 0xFA, 0xEE })]
    [TestCase(new byte[] { 0xF0, 0x01, 0xF0, 0x00 }, new byte[] { 0xFA, 0xFA, 0xFA, 0xFA, 0x01 })]
    [TestCase(new byte[] { 0xF3, 0x20, 0xF4, 0xF5, 0xF6 }, new byte[] { 0xFA, 0xFA, 0xFA, 0xFA, 0xFA })]
    [TestCase(new byte[] { 0x12 }, new byte[] { 0xFE })]
    public void KeyboardAnswers(byte[] commands, byte[] answers)
    {
        foreach (byte command in commands)
            Type(command);
        Assert.That(Answers(), Is.EqualTo(answers));
    }

    [Test]
    public void EveryByteIsAnEdgeUnlessTheModeForbidsIt()
    {
        int before = _irq1.Edges;
        Type(0xF2);
        Assert.That(Answers(), Has.Length.EqualTo(3));
        Assert.That(_irq1.Edges - before, Is.EqualTo(3));
        Tell(0x60);
        Type(0x00);
        Type(0xF2);
        Assert.That(Answers(), Has.Length.EqualTo(3));
        Assert.That(_irq1.Edges - before, Is.EqualTo(3));
        Tell(0x20);
        Assert.That(Answers(), Is.EqualTo(new byte[] { 0 }));
    }

    [Test]
    public void OutputPortAndPulsesReset([Values(0xFE, 0xF0, 0xD1)] int command)
    {
        Tell((byte)command);
        if (command == 0xD1)
        {
            Tell(0xD0);
            byte[] answers = Answers();
            Assert.That(answers, Has.Length.EqualTo(1));
            Assert.That(answers[0] & 3, Is.EqualTo(3), "A20 is open, the processor runs");
            Tell(0xD1);
            Type((byte)(answers[0] & ~1));
        }

        Assert.That(_machine.Asked, Is.EqualTo(new[] { ResetKind.Init }));
    }

    [Test]
    public void OtherPulsesDoNotReset()
    {
        Tell(0xFF);
        Assert.That(_machine.Asked, Is.Empty);
    }

    [Test]
    public void MouseIsMissing()
    {
        Tell(0xD4);
        Type(0xF4);
        Assert.That(Answers(), Is.Empty);
        Assert.That(_rig.Log, Has.Some.Contains("there is no mouse"));
    }

    [Test]
    public void WaitingBytesHaveALimit()
    {
        for (int n = 0; n < 1000; n++)
            Type(0xF2);
        Assert.That(Answers(), Has.Length.LessThanOrEqualTo(16));
    }

    [Test]
    public void StateSurvivesASnapshot()
    {
        Tell(0x60);
        Type(0x14);
        Type(0xF0);
        Type(0x03);
        Type(0xF0); // a parameter is still to come
        byte[] snapshot = _rig.Save(_controller);
        KeyboardController other = Make(new FakeInput());
        _rig.Restore(snapshot, other);
        Assert.That(_rig.Save(other), Is.EqualTo(snapshot));
        PortBus ports = new();
        other.Map(ports);
        ports.Write(Data, 1, 0, out _);
        List<uint> answers = [];
        while ((ports.Read(Command, 1, out _) & Full) != 0)
            answers.Add(ports.Read(Data, 1, out _));
        Assert.That(answers, Is.EqualTo(new uint[] { 0xFA, 0xFA, 0xFA, 0xFA, 3 }));
    }

    private KeyboardController Make(FakeInput input)
    {
        KeyboardController controller = new(_rig.Services, _machine);
        controller.Interrupt.Connect(input, 0);
        return controller;
    }

    private void Tell(byte command) => _ports.Write(Command, 1, command, out _);

    private void Type(byte value) => _ports.Write(Data, 1, value, out _);

    private uint Status() => _ports.Read(Command, 1, out _);

    private byte[] Answers()
    {
        List<byte> answers = [];
        while ((Status() & Full) != 0)
            answers.Add((byte)_ports.Read(Data, 1, out _));
        return [.. answers];
    }

    private sealed class Reset : IMachineControl
    {
        public List<ResetKind> Asked { get; } = [];

        public void RequestReset(ResetKind kind) => Asked.Add(kind);

        public void RequestPowerOff() => Assert.Fail("power off");

        public void RequestSleep(int sleepType) => Assert.Fail("sleep");

        public void RequestWake() => Assert.Fail("wake");
    }
}
