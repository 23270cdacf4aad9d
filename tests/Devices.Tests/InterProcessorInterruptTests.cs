namespace CoSim.Hw.Devices.Tests;

/// <summary>AMD64 APM volume 2, 16.5 and 16.6.1: interrupts between processors.</summary>
public sealed class InterProcessorInterruptTests
{
    private const uint Logical = 1 << 11;
    private ApicRig _apics = null!;

    [SetUp]
    public void SetUp()
    {
        _apics = new ApicRig(4);
        foreach (Apic.LocalApic apic in _apics.Apics)
        {
            apic.WriteRegister(0xF0, 0x1FF);
            apic.WriteRegister(0xD0, 1u << (int)(24 + apic.Id));
        }
    }

    [Test]
    public void PhysicalDestinationReachesOneProcessor()
    {
        Send(0, 2, 0x40);
        Assert.That(Requests(), Is.EqualTo(new[] { false, false, true, false }));
    }

    [Test]
    public void DeliveryTakesTimeAndTheStatusBitShowsIt()
    {
        _apics.Apics[0].WriteRegister(0x310, 1u << 24);
        _apics.Apics[0].WriteRegister(0x300, 0x40);
        Assert.That(_apics.Apics[0].ReadRegister(0x300) & 0x1000, Is.Not.Zero);
        Assert.That(_apics.Cores[1].Request, Is.False);
        _apics.Settle();
        Assert.That(_apics.Apics[0].ReadRegister(0x300) & 0x1000, Is.Zero);
        Assert.That(_apics.Cores[1].Request);
    }

    [TestCase(0x4_0000u, 0u, Description = "shorthand")]
    [TestCase(0u, 1u, Description = "its own APIC ID")]
    public void WhatAProcessorSendsToItselfIsThereAtOnce(uint command, uint destination)
    {
        _apics.Apics[1].WriteRegister(0x310, destination << 24);
        _apics.Apics[1].WriteRegister(0x300, command | 0x40);
        Assert.That(_apics.Cores[1].Request);
        Assert.That(_apics.Apics[1].ReadRegister(0x300) & 0x1000, Is.Zero, "delivery status");
    }

    [Test]
    public void BroadcastDestinationReachesAll()
    {
        Send(0, 0xFF, 0x40);
        Assert.That(Requests(), Is.All.True);
    }

    [TestCase(1u, new[] { true, false, false, false })]
    [TestCase(2u, new[] { true, true, true, true })]
    [TestCase(3u, new[] { false, true, true, true })]
    public void Shorthands(uint shorthand, bool[] expected)
    {
        _apics.Apics[0].WriteRegister(0x300, 0x40 | (shorthand << 18));
        _apics.Settle();
        Assert.That(Requests(), Is.EqualTo(expected));
    }

    [Test]
    public void LogicalFlat()
    {
        Send(0, 0b1010, 0x40 | Logical);
        Assert.That(Requests(), Is.EqualTo(new[] { false, true, false, true }));
    }

    [Test]
    public void LogicalCluster()
    {
        for (int i = 0; i < 4; i++)
        {
            _apics.Apics[i].WriteRegister(0xE0, 0x0FFF_FFFF);
            _apics.Apics[i].WriteRegister(0xD0, (uint)(((i / 2) << 28) | (1 << (24 + (i % 2)))));
        }

        Send(0, 0x12, 0x40 | Logical);
        Assert.That(Requests(), Is.EqualTo(new[] { false, false, false, true }));
        Send(0, 0xF1, 0x41 | Logical);
        Assert.That(Requests(), Is.EqualTo(new[] { true, false, true, true }));
    }

    [Test]
    public void LowestPriorityPicksTheLeastBusy()
    {
        _apics.Apics[0].TaskPriorityClass = 4;
        _apics.Apics[1].TaskPriorityClass = 2;
        _apics.Apics[2].TaskPriorityClass = 3;
        _apics.Apics[3].TaskPriorityClass = 4;
        Send(0, 0x0F, 0x150 | Logical);
        Assert.That(Requests(), Is.EqualTo(new[] { false, true, false, false }));
    }

    [Test]
    public void InitSipiSequenceAsKernelsDoIt()
    {
        Send(0, 1, 0xC500);
        Send(0, 1, 0x8500);
        Assert.That(_apics.Cores[1].Inits, Is.EqualTo(1), "the level de-assert does nothing");
        Assert.That(_apics.Apics[1].ReadRegister(0xF0), Is.EqualTo(0xFF), "INIT resets the registers");
        Assert.That(_apics.Apics[1].ReadRegister(0x20), Is.EqualTo(0x0100_0000), "but not the ID");
        Send(0, 1, 0x699);
        Send(0, 1, 0x699);
        Assert.That(_apics.Cores[1].Startups, Is.EqualTo(new byte[] { 0x99, 0x99 }));
    }

    [Test]
    public void NmiAndSmiPassTheVectorMachinery()
    {
        _apics.Apics[1].WriteRegister(0xF0, 0xFF);
        Send(0, 1, 0x400);
        Send(0, 1, 0x200);
        Assert.That((_apics.Cores[1].Nmis, _apics.Cores[1].Smis), Is.EqualTo((1, 1)));
    }

    [Test]
    public void NobodyThereIsASendAcceptError()
    {
        Send(0, 9, 0x40);
        _apics.Apics[0].WriteRegister(0x280, 0);
        Assert.That(_apics.Apics[0].ReadRegister(0x280), Is.EqualTo(4));
    }

    [Test]
    public void MessageSignalledInterruptsReachTheirDestination()
    {
        _apics.Fabric.DeliverMessage(0xFEE0_3000, 0x61);
        _apics.Settle();
        Assert.That(Requests(), Is.EqualTo(new[] { false, false, false, true }));
        Assert.That(_apics.Apics[3].Acknowledge(), Is.EqualTo(0x61));
    }

    private void Send(int from, uint destination, uint command)
    {
        _apics.Apics[from].WriteRegister(0x310, destination << 24);
        _apics.Apics[from].WriteRegister(0x300, command);
        _apics.Settle();
    }

    private bool[] Requests() => [.. _apics.Cores.Select(c => c.Request)];
}
