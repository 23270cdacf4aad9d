using CoSim.Hw.Legacy;

namespace CoSim.Hw.Devices.Tests;

/// <summary>Intel 8259A data sheet (231468-003) and the PC's wiring of two of them.</summary>
public sealed class PicTests
{
    private PicPair _pic = null!;

    [SetUp]
    public void SetUp()
    {
        _pic = new PicPair();
        Initialise(0x20, 0x30, 0x04);
        Initialise(0xA0, 0x38, 0x02);
    }

    [Test]
    public void LowerNumbersFirstAndNesting()
    {
        Pulse(5, 1);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x31));
        Assert.That(_pic.Output.Asserted, Is.False, "5 waits for 1");
        _pic.SetInput(0, true);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x30));
        Eoi(0x20);
        Eoi(0x20);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x35));
    }

    [Test]
    public void SlaveComesThroughInput2()
    {
        _pic.SetInput(8, true);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x38));
        Assert.That(_pic.Output.Asserted, Is.False);
        Eoi(0xA0);
        Eoi(0x20);
        _pic.SetInput(14, true);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x3E));
    }

    [Test]
    public void MaskHoldsBackAndReleases()
    {
        _pic.WritePort(0x21, 1, 0xFF);
        _pic.SetInput(3, true);
        Assert.That(_pic.Output.Asserted, Is.False);
        Assert.That(_pic.ReadPort(0x20, 1), Is.EqualTo(0x08), "IRR shows it");
        _pic.WritePort(0x21, 1, 0xF7);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x33));
        _pic.WritePort(0x20, 1, 0x0B);
        Assert.That(_pic.ReadPort(0x20, 1), Is.EqualTo(0x08), "ISR");
    }

    [Test]
    public void EdgeNeedsANewEdge()
    {
        _pic.SetInput(4, true);
        _pic.AcknowledgeExternal();
        Eoi(0x20);
        Assert.That(_pic.Output.Asserted, Is.False);
        _pic.SetInput(4, false);
        _pic.SetInput(4, true);
        Assert.That(_pic.Output.Asserted);
    }

    [Test]
    public void LevelAsksAgainAfterEoi()
    {
        _pic.WritePort(0x4D1, 1, 0xFF);
        Assert.That(_pic.ReadPort(0x4D1, 1), Is.EqualTo(0xDE), "IRQ 8 and 13 stay edge-triggered");
        _pic.SetInput(9, true);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x39));
        Eoi(0xA0);
        Eoi(0x20);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x39));
        _pic.SetInput(9, false);
        Eoi(0xA0);
        Eoi(0x20);
        Assert.That(_pic.Output.Asserted, Is.False);
    }

    [Test]
    public void WithdrawnRequestGivesSpurious7Without_Isr()
    {
        Pulse(3);
        _pic.SetInput(3, false);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x37));
        _pic.WritePort(0x20, 1, 0x0B);
        Assert.That(_pic.ReadPort(0x20, 1), Is.Zero);
    }

    [Test]
    public void SpecificEoiAndRotation()
    {
        Pulse(2 + 1, 6);
        _pic.AcknowledgeExternal();
        _pic.WritePort(0x20, 1, 0xE0 | 3);
        _pic.SetInput(4, true);
        _pic.SetInput(3, false);
        _pic.SetInput(3, true);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x34), "3 is now the lowest");
    }

    [Test]
    public void SpecialMaskModeLetsLowerOnesIn()
    {
        Pulse(1);
        _pic.AcknowledgeExternal();
        _pic.WritePort(0x20, 1, 0x68);
        _pic.WritePort(0x21, 1, 0x02);
        _pic.SetInput(6, true);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x36));
    }

    [Test]
    public void AutomaticEoi()
    {
        _pic.WritePort(0x20, 1, 0x11);
        _pic.WritePort(0x21, 1, 0x40);
        _pic.WritePort(0x21, 1, 0x04);
        _pic.WritePort(0x21, 1, 0x03);
        _pic.SetInput(1, true);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x41));
        _pic.SetInput(5, true);
        Assert.That(_pic.AcknowledgeExternal(), Is.EqualTo(0x45));
    }

    [Test]
    public void PollIsAnAcknowledge()
    {
        _pic.SetInput(5, true);
        _pic.WritePort(0x20, 1, 0x0C);
        Assert.That(_pic.ReadPort(0x20, 1), Is.EqualTo(0x85));
        Assert.That(_pic.Output.Asserted, Is.False);
    }

    [Test]
    public void LegacyReplacementCutsThePitAndTheRtcOff()
    {
        LegacyTimerRouting routing = new();
        routing.SetInput(LegacyTimerRouting.PitInput, true);
        Assert.That(routing.Irq0.Asserted);
        routing.SetInput(LegacyTimerRouting.ReplacementInput, true);
        Assert.That(routing.Irq0.Asserted, Is.False);
        routing.SetInput(LegacyTimerRouting.Hpet1Input, true);
        Assert.That(routing.Irq8.Asserted);
    }

    private void Initialise(ushort port, uint vectors, uint cascade)
    {
        _pic.WritePort(port, 1, 0x11);
        _pic.WritePort((ushort)(port + 1), 1, vectors);
        _pic.WritePort((ushort)(port + 1), 1, cascade);
        _pic.WritePort((ushort)(port + 1), 1, 0x01);
    }

    private void Pulse(params int[] lines)
    {
        foreach (int line in lines)
        {
            _pic.SetInput(line, true);
        }
    }

    private void Eoi(ushort port) => _pic.WritePort(port, 1, 0x20);
}
