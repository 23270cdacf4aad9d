using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>AMD64 APM volume 2, chapter 16: the local APIC on its own.</summary>
public sealed class LocalApicTests
{
    private ApicRig _apics = null!;
    private LocalApic _apic = null!;
    private FakeCore _core = null!;

    [SetUp]
    public void SetUp()
    {
        _apics = new ApicRig(2);
        _apic = _apics.Apics[0];
        _core = _apics.Cores[0];
        _apic.WriteRegister(0xF0, 0x1FF);
    }

    [Test]
    public void Table_16_2_ResetValues()
    {
        LocalApic apic = _apics.Apics[1];
        Assert.Multiple(() =>
        {
            Assert.That(apic.ReadRegister(0x20), Is.EqualTo(0x0100_0000));
            Assert.That(apic.ReadRegister(0x30), Is.EqualTo(0x8105_0010));
            Assert.That(apic.ReadRegister(0xE0), Is.EqualTo(0xFFFF_FFFF));
            Assert.That(apic.ReadRegister(0xF0), Is.EqualTo(0xFF));
            Assert.That(apic.ReadRegister(0x320), Is.EqualTo(0x1_0000));
            Assert.That(apic.ReadRegister(0x370), Is.EqualTo(0x1_0000));
            Assert.That(apic.ReadRegister(0x400), Is.EqualTo(0x0004_0007));
            Assert.That(apic.ApicBase, Is.EqualTo(0xFEE0_0800));
            Assert.That(_apic.ApicBase, Is.EqualTo(0xFEE0_0900));
        });
    }

    [TestCase(0b1011u, 1)]
    [TestCase(0b0000u, 2)]
    [TestCase(0b0001u, 4)]
    [TestCase(0b0010u, 8)]
    [TestCase(0b0011u, 16)]
    [TestCase(0b1000u, 32)]
    [TestCase(0b1001u, 64)]
    [TestCase(0b1010u, 128)]
    public void Section_16_4_1_OneShotCountsRefclkDividedAndStops(uint divide, int divisor)
    {
        _apic.WriteRegister(0x320, 0x40);
        _apic.WriteRegister(0x3E0, divide);
        _apic.WriteRegister(0x380, 1000);
        _apics.Rig.RunTicks(Rig.Refclk, (ulong)(400 * divisor));
        Assert.That(_apic.ReadRegister(0x390), Is.EqualTo(600));
        _apics.Rig.RunTicks(Rig.Refclk, (ulong)((600 * divisor) - 1));
        Assert.That(_core.Request, Is.False);
        _apics.Rig.RunTicks(Rig.Refclk, 1);
        Assert.That(_core.Request);
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x40));
        Assert.That(_apic.ReadRegister(0x390), Is.Zero);
        Assert.That(_apics.Rig.Events.Count, Is.Zero);
    }

    [Test]
    public void Section_16_4_1_PeriodicReloadsWithoutDrift()
    {
        _apic.WriteRegister(0x320, 0x2_0040);
        _apic.WriteRegister(0x3E0, 3);
        _apic.WriteRegister(0x380, 6250);
        int ticks = 0;
        for (int i = 1; i <= 5000; i++)
        {
            _apics.Rig.RunTo(SimTime.Zero + SimDuration.FromMilliseconds(i));
            if (_core.Request)
            {
                Assert.That(_apic.Acknowledge(), Is.EqualTo(0x40));
                _apic.WriteRegister(0xB0, 0);
                ticks++;
            }
        }

        Assert.That(ticks, Is.EqualTo(5000));
    }

    [Test]
    public void MaskedTimerCountsWithoutEvents()
    {
        _apic.WriteRegister(0x320, 0x3_0040);
        _apic.WriteRegister(0x3E0, 0xB);
        _apic.WriteRegister(0x380, 1000);
        Assert.That(_apics.Rig.Events.Count, Is.Zero);
        _apics.Rig.RunTicks(Rig.Refclk, 12_345);
        Assert.That(_apic.ReadRegister(0x390), Is.EqualTo(1000 - 345));
        _apic.WriteRegister(0x320, 0x2_0040);
        _apics.Rig.RunTicks(Rig.Refclk, 654);
        Assert.That(_core.Request, Is.False);
        _apics.Rig.RunTicks(Rig.Refclk, 1);
        Assert.That(_core.Request);
    }

    [Test]
    public void ChangingTheDividerGoesOnFromThePresentCount()
    {
        _apic.WriteRegister(0x320, 0x40);
        _apic.WriteRegister(0x3E0, 0xB);
        _apic.WriteRegister(0x380, 1000);
        _apics.Rig.RunTicks(Rig.Refclk, 500);
        _apic.WriteRegister(0x3E0, 0);
        _apics.Rig.RunTicks(Rig.Refclk, 999);
        Assert.That(_core.Request, Is.False);
        _apics.Rig.RunTicks(Rig.Refclk, 1);
        Assert.That(_core.Request);
    }

    [Test]
    public void Section_16_6_4_TaskPriorityHoldsBackLowerClasses()
    {
        _apic.TaskPriorityClass = 5;
        Assert.That(_apic.ReadRegister(0x80), Is.EqualTo(0x50));
        _apics.SelfIpi(0, 0x51);
        Assert.That(_core.Request, Is.False, "same class");
        _apics.SelfIpi(0, 0x61);
        Assert.That(_core.Request);
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x61));
        Assert.That(_apic.ReadRegister(0xA0), Is.EqualTo(0x60), "PPR");
        _apic.TaskPriorityClass = 0;
        Assert.That(_core.Request, Is.False, "61h is in service");
        _apic.WriteRegister(0xB0, 0);
        Assert.That(_core.Request);
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x51));
    }

    [Test]
    public void Section_16_6_2_HighestVectorFirstAndNesting()
    {
        foreach (byte vector in new byte[] { 0x31, 0xE1, 0x80 })
        {
            _apics.SelfIpi(0, vector);
        }

        Assert.That(_apic.Acknowledge(), Is.EqualTo(0xE1));
        Assert.That(_core.Request, Is.False);
        _apics.SelfIpi(0, 0xF2);
        Assert.That(_core.Request, "a higher class interrupts");
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0xF2));
        Assert.That(_apic.ReadRegister(0x170), Is.EqualTo((1u << 0x12) | (1u << 0x01)), "ISR 255:224");
        _apic.WriteRegister(0xB0, 0);
        _apic.WriteRegister(0xB0, 0);
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x80));
        _apic.WriteRegister(0xB0, 0);
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x31));
    }

    [Test]
    public void Section_16_4_7_SpuriousVectorWhenTheRequestIsGone()
    {
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0xFF));
        Assert.That(_apic.ReadRegister(0x170), Is.Zero, "no ISR bit");
    }

    [Test]
    public void SoftwareDisableMasksEveryLocalVectorAndHoldsPendingOnes()
    {
        _apic.WriteRegister(0x320, 0x40);
        _apic.WriteRegister(0x350, 0x700);
        _apic.WriteRegister(0xF0, 0xFF);
        Assert.That(_apic.ReadRegister(0x320) & 0x1_0000, Is.Not.Zero);
        Assert.That(_apic.ReadRegister(0x350) & 0x1_0000, Is.Not.Zero);
        _apic.WriteRegister(0x320, 0x40);
        Assert.That(_apic.ReadRegister(0x320) & 0x1_0000, Is.Not.Zero, "cannot be unmasked");
    }

    [Test]
    public void Section_16_4_6_ErrorsShowAfterAWrite()
    {
        _apic.WriteRegister(0x370, 0xFE);
        _apic.ReadRegister(0x10);
        Assert.That(_apic.ReadRegister(0x280), Is.Zero);
        _apic.WriteRegister(0x280, 0);
        Assert.That(_apic.ReadRegister(0x280), Is.EqualTo(0x80), "illegal register address");
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0xFE));
        _apic.WriteRegister(0x280, 0);
        Assert.That(_apic.ReadRegister(0x280), Is.Zero);
    }

    [Test]
    public void IllegalVectorsAreErrorsNotInterrupts()
    {
        _apic.WriteRegister(0x300, 0x4_000F);
        _apic.WriteRegister(0x280, 0);
        Assert.That(_apic.ReadRegister(0x280), Is.EqualTo(0x20));
        _apic.WriteRegister(0x320, 0x0F);
        _apic.WriteRegister(0x380, 1);
        _apics.Rig.Run(SimDuration.FromMicroseconds(1));
        Assert.That(_core.Request, Is.False);
        _apic.WriteRegister(0x280, 0);
        Assert.That(_apic.ReadRegister(0x280), Is.EqualTo(0x40));
    }

    [Test]
    public void Section_16_4_LintNmiAndExternal()
    {
        _apic.WriteRegister(0x360, 0x400);
        _apic.SetInput(1, true);
        _apic.SetInput(1, true);
        Assert.That(_core.Nmis, Is.EqualTo(1));
        _apic.WriteRegister(0x350, 0x700);
        _apics.External.Vector = 0x23;
        _apic.SetInput(0, true);
        Assert.That(_core.Request);
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x23));
        _apic.SetInput(0, false);
        Assert.That(_core.Request, Is.False);
    }

    [Test]
    public void DisabledApicIsTransparentToThePic()
    {
        Assert.That(_apic.TryWriteMsr(0x1B, 0xFEE0_0000));
        _apics.External.Vector = 0x08;
        _apic.SetInput(0, true);
        Assert.That(_core.Request);
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x08));
        _apic.SetInput(1, true);
        Assert.That(_core.Nmis, Is.EqualTo(1));
    }

    [Test]
    public void Section_16_7_ExtendedSpace_SpecificEoiAndInterruptEnable()
    {
        _apics.SelfIpi(0, 0x55);
        _apic.Acknowledge();
        _apic.WriteRegister(0x420, 0x55);
        Assert.That(_apic.ReadRegister(0x120), Is.Not.Zero, "SEOI is off");
        _apic.WriteRegister(0x410, 3);
        _apic.WriteRegister(0x420, 0x55);
        Assert.That(_apic.ReadRegister(0x120), Is.Zero);
        _apic.WriteRegister(0x4A0, ~(1u << 0x15));
        _apics.SelfIpi(0, 0x55);
        Assert.That(_core.Request, Is.False, "vector 55h is not enabled");
        _apic.WriteRegister(0x4A0, uint.MaxValue);
        Assert.That(_core.Request);
    }
}
