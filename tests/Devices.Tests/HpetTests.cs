using CoSim.Hw.Hpet;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>IA-PC HPET 1.0a, section 2.3, as the FCH implements it.</summary>
public sealed class HpetTests
{
    private const ulong Conf = 0x10;
    private const ulong Status = 0x20;
    private const ulong Count = 0xF0;
    private const ulong Enable = 1;
    private const ulong Legacy = 2;
    private const ulong Level = 2;
    private const ulong Interrupt = 4;
    private const ulong Periodic = 8;
    private const ulong ValueSet = 0x40;

    private Rig _rig = null!;
    private FakeMessages _messages = null!;
    private HpetBlock _hpet = null!;
    private FakeInput _legacy0 = null!;
    private FakeInput _pin22 = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new Rig();
        _messages = new FakeMessages();
        _hpet = new HpetBlock(new HpetSpec { Clock = Rig.HpetClock }, _rig.Services, _messages);
        _legacy0 = new FakeInput { Events = _rig.Events };
        _pin22 = new FakeInput { Events = _rig.Events };
        _hpet.Legacy0.Connect(_legacy0, 0);
        _hpet.PinLines[22]!.Connect(_pin22, 0);
    }

    [Test]
    public void Section_2_3_4_CapabilitiesAreTheFchs()
    {
        Assert.Multiple(() =>
        {
            Assert.That(_hpet.ReadMemory(0, 4), Is.EqualTo(0x10228201));
            Assert.That(_hpet.ReadMemory(4, 4), Is.EqualTo(69_841_279));
            Assert.That(_hpet.ReadMemory(0, 8), Is.EqualTo(0x0429B17F_10228201));
        });
    }

    [Test]
    public void Section_2_3_2_OtherThanAlignedDoubleAndQuadWordsReadOnes([Values(1, 2)] int size, [Values(0UL, 0xF0UL)] ulong offset)
    {
        Assert.That(_hpet.ReadMemory(offset, size), Is.EqualTo((1UL << (size * 8)) - 1));
        Assert.That(_hpet.ReadMemory(0xF2, 4), Is.EqualTo(0xFFFFFFFF));
        Assert.That(_rig.Log, Is.Not.Empty);
    }

    [Test]
    public void Section_2_3_7_CounterRunsOnlyWhileEnabledAndIsWritableOnlyWhileHalted()
    {
        _hpet.WriteMemory(Count, 4, 1000);
        _rig.RunTicks(Rig.HpetClock, 50);
        Assert.That(_hpet.ReadMemory(Count, 4), Is.EqualTo(1000));
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 50);
        Assert.That(_hpet.ReadMemory(Count, 4), Is.EqualTo(1050));
        _hpet.WriteMemory(Count, 4, 7);
        Assert.That(_hpet.ReadMemory(Count, 4), Is.EqualTo(1050), "ignored while running");
        _hpet.WriteMemory(Conf, 4, 0);
        _rig.RunTicks(Rig.HpetClock, 50);
        Assert.That(_hpet.ReadMemory(Count, 4), Is.EqualTo(1050));
    }

    [Test]
    public void ThirtyTwoBitCounterWrapsAfter299Seconds()
    {
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 0x1_0000_0005);
        Assert.That(_hpet.ReadMemory(Count, 8), Is.EqualTo(5));
        Assert.That(_rig.Now.WholeNanoseconds / 1_000_000, Is.EqualTo((UInt128)299_966));
    }

    [Test]
    public void WideCounterCarriesIntoItsUpperHalf()
    {
        _hpet.Configure(decode: true, wide: true, messages: false);
        _hpet.WriteMemory(Count, 8, 0xFFFF_FFF0);
        _hpet.WriteMemory(Conf, 4, Enable);
        ulong low = _hpet.ReadMemory(Count, 4);
        _rig.RunTicks(Rig.HpetClock, 0x20);
        ulong torn = low | (_hpet.ReadMemory(Count + 4, 4) << 32);
        Assert.That(torn, Is.EqualTo(0x1_FFFF_FFF0), "halves read apart can tear");
        Assert.That(_hpet.ReadMemory(Count, 8), Is.EqualTo(0x1_0000_0010));
    }

    [Test]
    public void Section_2_3_9_OneShotInterruptsWhenTheCounterBecomesEqual()
    {
        Program(0, Interrupt | (22UL << 9), 5000);
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 4999);
        Assert.That(_pin22.Edges, Is.Zero);
        _rig.RunTicks(Rig.HpetClock, 1);
        Assert.That(_pin22.Edges, Is.EqualTo(1));
    }

    [Test]
    public void OneShotFiresAgainAfterEachWrap()
    {
        Program(0, Interrupt | (22UL << 9), 5000);
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 5000 + (3UL << 32));
        Assert.That(_pin22.Edges, Is.EqualTo(4));
    }

    [Test]
    public void ComparatorThatIsWrittenTooLateWaitsForTheWrap()
    {
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 1000);
        Program(0, Interrupt | (22UL << 9), 1001);
        _rig.RunTicks(Rig.HpetClock, 1UL << 31);
        Assert.That(_pin22.Edges, Is.Zero, "the latch takes two ticks: the value was passed");
        _rig.RunTicks(Rig.HpetClock, (1UL << 31) + 1);
        Assert.That(_pin22.Edges, Is.EqualTo(1));
    }

    [Test]
    public void Section_2_3_5_LegacyReplacementRoutesComparator0ToIrq0()
    {
        Program(0, Interrupt | (22UL << 9), 100);
        _hpet.WriteMemory(Conf, 4, Enable | Legacy);
        _rig.RunTicks(Rig.HpetClock, 200);
        Assert.Multiple(() =>
        {
            Assert.That(_hpet.LegacyReplacement.Asserted);
            Assert.That(_legacy0.Edges, Is.EqualTo(1));
            Assert.That(_pin22.Edges, Is.Zero);
        });
    }

    [Test]
    public void Section_2_3_9_2_2_PeriodicNeedsValueSetAndASecondWrite()
    {
        _hpet.WriteMemory(0x100, 4, Interrupt | Periodic | ValueSet | (22UL << 9));
        _hpet.WriteMemory(0x108, 4, 1000);
        Assert.That(_hpet.ReadMemory(0x100, 4) & ValueSet, Is.Zero, "clears itself");
        _hpet.WriteMemory(0x108, 4, 300);
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 1000 + (300 * 9));
        Assert.That(_pin22.Edges, Is.EqualTo(10));
        Assert.That(_hpet.ReadMemory(0x108, 4), Is.EqualTo(1000 + (300 * 10)));
    }

    [Test]
    public void Section_2_3_6_LevelModeHoldsTheLineUntilStatusIsCleared()
    {
        Program(0, Interrupt | Level | (22UL << 9), 10);
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 20);
        Assert.That(_pin22.Level);
        Assert.That(_hpet.ReadMemory(Status, 4), Is.EqualTo(1));
        _hpet.WriteMemory(Status, 4, 2);
        Assert.That(_pin22.Level, "another comparator's bit");
        _hpet.WriteMemory(Status, 4, 1);
        Assert.That(_pin22.Level, Is.False);
        Assert.That(_hpet.ReadMemory(Status, 4), Is.Zero);
    }

    [Test]
    public void Section_2_3_8_StatusIsSetWithoutInterruptEnableToo()
    {
        Program(1, Level, 10);
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 20);
        Assert.That(_hpet.ReadMemory(Status, 4), Is.EqualTo(2));
        Assert.That(_rig.Events.Count, Is.Zero, "nobody waits, so nothing is scheduled");
    }

    [Test]
    public void Section_2_3_10_MessagesNeedTheFchsPermission()
    {
        _hpet.WriteMemory(0x110, 8, 0xFEE0_1000_0000_0031);
        Program(0, Interrupt | 0x4000 | (22UL << 9), 10);
        Assert.That(_hpet.ReadMemory(0x100, 4) & 0xC000, Is.Zero);
        _hpet.Configure(decode: true, wide: false, messages: true);
        Program(0, Interrupt | 0x4000 | (22UL << 9), 10);
        _hpet.WriteMemory(Conf, 4, Enable);
        _rig.RunTicks(Rig.HpetClock, 20);
        Assert.That(_messages.Messages, Is.EqualTo(new[] { (0xFEE0_1000UL, 0x31U) }));
        Assert.That(_pin22.Edges, Is.Zero);
    }

    [Test]
    public void DecodeOffReadsOnesAndLosesWrites()
    {
        _hpet.Configure(decode: false, wide: false, messages: false);
        _hpet.WriteMemory(Conf, 4, Enable);
        Assert.That(_hpet.ReadMemory(0, 4), Is.EqualTo(0xFFFFFFFF));
        _hpet.Configure(decode: true, wide: false, messages: false);
        Assert.That(_hpet.ReadMemory(Conf, 4), Is.Zero);
    }

    [Test]
    public void ReservedBitsAreLoggedByNameOnce()
    {
        _hpet.WriteMemory(Conf, 4, 0x10);
        _hpet.WriteMemory(Conf, 4, 0x10);
        Assert.That(_rig.Log, Is.EqualTo(new[] { "hpet: GEN_CONF: bit 4 reserved, changed (10h)" }));
    }

    private void Program(int timer, ulong configuration, ulong comparator)
    {
        _hpet.WriteMemory(0x100 + (0x20UL * (ulong)timer), 4, configuration);
        _hpet.WriteMemory(0x108 + (0x20UL * (ulong)timer), 4, comparator);
    }
}
