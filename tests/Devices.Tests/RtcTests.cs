using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>MC146818A data sheet, with the FCH's additions.</summary>
public sealed class RtcTests
{
    private Rig _rig = null!;
    private Rtc _rtc = null!;
    private FakeInput _irq8 = null!;

    [SetUp]
    public void SetUp() => Start(new CalendarTime(2026, 12, 31, 23, 59, 50));

    [Test]
    public void ShowsItsStartInBcd()
    {
        Assert.That(
            new[] { Read(0), Read(2), Read(4), Read(7), Read(8), Read(9), Read(0x32) },
            Is.EqualTo(new uint[] { 0x50, 0x59, 0x23, 0x31, 0x12, 0x26, 0x20 }));
        Assert.That(Read(6), Is.EqualTo(5), "a Thursday");
    }

    [Test]
    public void CarriesThroughTheYear()
    {
        _rig.Run(SimDuration.FromMilliseconds(11_002));
        Assert.That(_rtc.Shown, Is.EqualTo(new CalendarTime(2027, 1, 1, 0, 0, 1)));
        Assert.That(Read(9), Is.EqualTo(0x27));
        Assert.That(Read(6), Is.EqualTo(6));
    }

    [Test]
    public void CarriesThroughTheCenturyAndLeapDays()
    {
        Start(new CalendarTime(2099, 12, 31, 23, 59, 59));
        _rig.Run(SimDuration.FromSeconds(2));
        Assert.That(Read(0x32), Is.EqualTo(0x21));
        Start(new CalendarTime(2028, 2, 28, 12, 0, 0));
        _rig.Run(SimDuration.FromMilliseconds((86_400_000 * 2) + 1002));
        Assert.That(_rtc.Shown, Is.EqualTo(new CalendarTime(2028, 3, 1, 12, 0, 1)));
    }

    [Test]
    public void UpdateCycle_UipRises244MicrosecondsBeforeAndFallsAfterTheUpdate()
    {
        _rig.RunToTick(Rig.RtcClock, 32_768 - 9);
        Assert.That(Read(0x0A) & 0x80, Is.Zero);
        _rig.RunToTick(Rig.RtcClock, 32_768 - 8);
        Assert.That(Read(0x0A) & 0x80, Is.Not.Zero);
        Assert.That(Read(0), Is.EqualTo(0x50));
        _rig.RunToTick(Rig.RtcClock, 32_768 + 64);
        Assert.That(Read(0x0A) & 0x80, Is.Not.Zero);
        Assert.That(Read(0), Is.EqualTo(0x50));
        _rig.RunToTick(Rig.RtcClock, 32_768 + 65);
        Assert.That(Read(0x0A) & 0x80, Is.Zero);
        Assert.That(Read(0), Is.EqualTo(0x51));
    }

    [Test]
    public void UpdateInterruptEverySecond()
    {
        Write(0x0B, 0x12);
        for (int i = 0; i < 5; i++)
        {
            _rig.Run(SimDuration.FromSeconds(1));
            Read(0x0C);
        }

        Assert.That(_irq8.Edges, Is.EqualTo(4), "each update ends 1984 us after its second began");
        Assert.That(_irq8.Times[1] - _irq8.Times[0], Is.EqualTo(SimDuration.FromSeconds(1)));
    }

    [TestCase(6u, 1024)]
    [TestCase(15u, 2)]
    [TestCase(3u, 8192)]
    [TestCase(1u, 256)]
    [TestCase(2u, 128)]
    public void PeriodicRate(uint rate, int hertz)
    {
        Write(0x0A, 0x20 | rate);
        Write(0x0B, 0x42);
        int interrupts = 0;
        SimTime end = _rig.Now + SimDuration.FromSeconds(1);
        while (_rig.Events.NextTime <= end)
        {
            _rig.RunTo(_rig.Events.NextTime);
            interrupts += (Read(0x0C) & 0xC0) == 0xC0 ? 1 : 0;
        }

        Assert.That(interrupts, Is.EqualTo(hertz));
    }

    [Test]
    public void AlarmMatchesWithDontCares()
    {
        Write(1, 0x55);
        Write(3, 0xFF);
        Write(5, 0xC0);
        Write(0x0B, 0x22);
        _rig.Run(SimDuration.FromSeconds(5));
        Assert.That(_irq8.Level, Is.False);
        _rig.Run(SimDuration.FromMilliseconds(3));
        Assert.That(_irq8.Level);
        Assert.That(Read(0x0C), Is.EqualTo(0xF0), "the periodic flag is set too: its rate runs without its interrupt");
        Assert.That(_irq8.Level, Is.False);
    }

    [Test]
    public void FlagsAreSetWithoutInterruptsAndClearOnRead()
    {
        _rig.Run(SimDuration.FromMilliseconds(1500));
        Assert.That(Read(0x0C), Is.EqualTo(0x50));
        Assert.That(Read(0x0C), Is.Zero);
        Assert.That(_rig.Events.Count, Is.Zero);
    }

    [Test]
    public void SetHoldsTheTime()
    {
        Write(0x0B, 0x92);
        Assert.That(Read(0x0B), Is.EqualTo(0x82), "SET clears UIE");
        _rig.Run(SimDuration.FromSeconds(10));
        Assert.That(Read(0), Is.EqualTo(0x50));
        Write(0x0B, 0x02);
        _rig.Run(SimDuration.FromSeconds(2));
        Assert.That(Read(0), Is.EqualTo(0x52));
    }

    [Test]
    public void DividerReset_FirstUpdateComesHalfASecondAfterRelease()
    {
        Write(0x0A, 0x76);
        _rig.Run(SimDuration.FromSeconds(3));
        Assert.That(Read(0), Is.EqualTo(0x50));
        Write(0x0A, 0x26);
        _rig.Run(SimDuration.FromMilliseconds(500));
        Assert.That(Read(0), Is.EqualTo(0x50));
        _rig.Run(SimDuration.FromMilliseconds(2));
        Assert.That(Read(0), Is.EqualTo(0x51));
    }

    [Test]
    public void BinaryAndTwelveHourModes()
    {
        Write(0x0B, 0x84);
        Write(0, 58);
        Write(2, 59);
        Write(4, 0x8B);
        Write(7, 31);
        Write(8, 12);
        Write(9, 26);
        Write(0x32, 20);
        Write(0x0B, 0x04);
        _rig.Run(SimDuration.FromSeconds(1));
        _rig.Run(SimDuration.FromMilliseconds(5));
        Assert.That(new[] { Read(4), Read(0) }, Is.EqualTo(new uint[] { 0x8B, 59 }));
        _rig.Run(SimDuration.FromSeconds(1));
        Assert.That(new[] { Read(4), Read(2), Read(0), Read(9) }, Is.EqualTo(new uint[] { 12, 0, 0, 27 }));
    }

    [Test]
    public void AmdBankSelectHidesTheCentury()
    {
        Write(0x0A, 0x36);
        Assert.That(Read(0x32), Is.Zero);
        Write(0x32, 0x99);
        Write(0x0A, 0x26);
        Assert.That(Read(0x32), Is.EqualTo(0x20));
        _rtc.WritePort(0x72, 1, 0xB2);
        Assert.That(_rtc.ReadPort(0x73, 1), Is.EqualTo(0x99), "72h and 73h reach all 256 bytes");
    }

    [Test]
    public void MemorySizesAndBattery()
    {
        Assert.That(Read(0x15) | (Read(0x16) << 8), Is.EqualTo(640));
        Assert.That(Read(0x34) | (Read(0x35) << 8), Is.EqualTo((255 - 15) * 16));
        Assert.That(Read(0x0D), Is.EqualTo(0x80));
    }

    [Test]
    public void YearsOfIdleTimeAreOneStep()
    {
        _rig.Run(SimDuration.FromSeconds(86_400L * 365 * 10));
        Assert.That(_rtc.Shown, Is.EqualTo(new CalendarTime(2036, 12, 28, 23, 59, 49)), "the update of the last second has not ended");
    }

    private void Start(CalendarTime start)
    {
        _rig = new Rig();
        _rtc = new Rtc(new RtcSpec { Clock = Rig.RtcClock, Start = start, ExtendedMemory = 255UL << 20 }, _rig.Services);
        _irq8 = new FakeInput { Events = _rig.Events };
        _rtc.Output.Connect(_irq8, 0);
    }

    private uint Read(uint index)
    {
        _rtc.WritePort(0x70, 1, index);
        return _rtc.ReadPort(0x71, 1);
    }

    private void Write(uint index, uint value)
    {
        _rtc.WritePort(0x70, 1, index);
        _rtc.WritePort(0x71, 1, value);
    }
}
