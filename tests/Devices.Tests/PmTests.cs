using CoSim.Hw.Hpet;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>ACPI 6.3, 4.8.3: fixed hardware; the FCH's PM registers; reset ports.</summary>
public sealed class PmTests
{
    private Rig _rig = null!;
    private FakeMachine _machine = null!;
    private PmBlock _pm = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new Rig();
        _machine = new FakeMachine();
        _pm = new PmBlock(new PmSpec { TimerClock = Rig.PmClock }, _rig.Services, _machine);
    }

    [Test]
    public void Section_4_8_3_3_TimerHas24BitsAndWrapsAfter4Seconds()
    {
        _rig.RunTicks(Rig.PmClock, 0xFF_FFFF);
        Assert.That(_pm.ReadPort(0x808, 4), Is.EqualTo(0xFF_FFFF));
        _rig.RunTicks(Rig.PmClock, 1);
        Assert.That(_pm.ReadPort(0x808, 4), Is.Zero);
        Assert.That(_rig.Now.WholeNanoseconds / 1_000_000, Is.EqualTo((UInt128)4686));
    }

    [Test]
    public void TimerOf32Bits()
    {
        _pm = new PmBlock(new PmSpec { TimerClock = Rig.PmClock, TimerBits = 32 }, _rig.Services, _machine);
        _rig.RunTicks(Rig.PmClock, 0x1_2345_6789);
        Assert.That(_pm.ReadPort(0x808, 4), Is.EqualTo(0x2345_6789));
        Assert.That(_pm.ReadPort(0x809, 2), Is.EqualTo(0x4567));
    }

    [Test]
    public void TimerStatusFollowsTheHighestBitAndRaisesTheSci()
    {
        _rig.RunTicks(Rig.PmClock, 0x80_0000);
        Assert.That(_pm.ReadPort(0x800, 2), Is.EqualTo(1));
        Assert.That(_pm.Sci.Asserted, Is.False, "not enabled");
        _pm.WritePort(0x800, 2, 1);
        Assert.That(_pm.ReadPort(0x800, 2), Is.Zero);
        _pm.WritePort(0x804, 2, 1);
        _pm.WritePort(0x802, 2, 1);
        _rig.RunTicks(Rig.PmClock, 0x7F_FFFF);
        Assert.That(_pm.Sci.Asserted, Is.False);
        _rig.RunTicks(Rig.PmClock, 1);
        Assert.That(_pm.Sci.Asserted);
        _pm.WritePort(0x800, 2, 1);
        Assert.That(_pm.Sci.Asserted, Is.False);
    }

    [Test]
    public void PowerButton()
    {
        _pm.WritePort(0x804, 2, 1);
        _pm.WritePort(0x802, 2, 0x100);
        _pm.PressPowerButton();
        Assert.That(_pm.Sci.Asserted);
        Assert.That(_pm.ReadPort(0x800, 4), Is.EqualTo(0x0100_0100));
        _pm.WritePort(0x800, 2, 0x100);
        Assert.That(_pm.Sci.Asserted, Is.False);
    }

    [Test]
    public void GeneralPurposeEvents()
    {
        _pm.WritePort(0x804, 2, 1);
        _pm.SetInput(PmBlock.FirstEventInput + 24, true);
        Assert.That(_pm.Sci.Asserted, Is.False);
        _pm.WritePort(0x827, 1, 1);
        Assert.That(_pm.Sci.Asserted);
        _pm.WritePort(0x823, 1, 1);
        Assert.That(_pm.ReadPort(0x820, 4), Is.Zero);
        Assert.That(_pm.Sci.Asserted, Is.False);
    }

    [TestCase(5u, "off")]
    [TestCase(3u, "sleep 3")]
    public void SleepEnable(uint type, string request)
    {
        _pm.WritePort(0x804, 2, (type << 10) | 1);
        Assert.That(_machine.Requests, Is.Empty);
        _pm.WritePort(0x804, 2, (type << 10) | 0x2001);
        Assert.That(_machine.Requests, Is.EqualTo(new[] { request }));
        Assert.That(_pm.ReadPort(0x804, 2), Is.EqualTo((type << 10) | 1), "SLP_EN reads 0");
    }

    [Test]
    public void Section_7_4_2_2_AnEnabledEventWakesFromSuspend()
    {
        Suspend(enable: 0x0400);
        Assert.That(_pm.ReadPort(0x804, 2), Is.EqualTo(3 << 10), "SLP_TYP stays, SCI_EN does not");
        _pm.SetInput(PmBlock.RtcInput, true);
        Assert.That(_machine.Requests, Is.EqualTo(new[] { "wake" }));
        Assert.That(_pm.ReadPort(0x800, 2), Is.EqualTo(0x8400), "WAK_STS and RTC_STS");
        _pm.SetInput(PmBlock.FirstEventInput, true);
        Assert.That(_machine.Requests, Has.Count.EqualTo(1), "it wakes once");
    }

    [Test]
    public void AnEventThatIsNotEnabledDoesNotWake()
    {
        Suspend(enable: 0);
        _pm.SetInput(PmBlock.RtcInput, true);
        Assert.That(_machine.Requests, Is.Empty);
        _pm.PressPowerButton();
        Assert.That(_machine.Requests, Is.EqualTo(new[] { "wake" }), "the power button always does");
    }

    [Test]
    public void AnEventThatIsPendingWakesAtOnce()
    {
        _pm.SetInput(PmBlock.RtcInput, true);
        Suspend(enable: 0x0400);
        Assert.That(_machine.Requests, Is.EqualTo(new[] { "wake" }));
    }

    private void Suspend(uint enable)
    {
        _pm.WritePort(0x802, 2, enable);
        _pm.WritePort(0x804, 2, (3 << 10) | 0x2001);
        _machine.Requests.Clear();
        _pm.Suspend();
    }

    [TestCase(0x06u, "reset Warm")]
    [TestCase(0x0Eu, "reset Cold")]
    [TestCase(0x04u, "reset Init")]
    public void ResetControlActsOnTheRisingCommandBit(uint value, string request)
    {
        ResetPorts ports = new(_rig.Services, _machine);
        ports.WritePort(0xCF9, 1, value & ~4u);
        Assert.That(_machine.Requests, Is.Empty);
        ports.WritePort(0xCF9, 1, value);
        Assert.That(_machine.Requests, Is.EqualTo(new[] { request }));
    }

    [Test]
    public void FchRegistersSwitchTheHpet()
    {
        HpetBlock hpet = new(new HpetSpec { Clock = Rig.HpetClock }, _rig.Services, new FakeMessages());
        FchPowerManagement fch = new(_rig.Services, hpet.Configure);
        Assert.That(fch.ReadMemory(0, 4), Is.EqualTo(0x40));
        fch.WriteMemory(0, 4, 0x3000_0040);
        Assert.That(hpet.ReadMemory(0, 4) & 0x2000, Is.Not.Zero, "64 bits wide");
        Assert.That(hpet.ReadMemory(0x100, 4) & 0x8000, Is.Not.Zero, "messages possible");
        fch.WritePort(0xCD6, 1, 0);
        fch.WritePort(0xCD7, 1, 0);
        Assert.That(hpet.ReadMemory(0, 4), Is.EqualTo(uint.MaxValue));
    }
}
