using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>Intel 8254 data sheet (231164-005), "Mode Definitions" and "Read Operations", and port 61h.</summary>
public sealed class PitTests
{
    private Rig _rig = null!;
    private Pit8254 _pit = null!;
    private FakeInput _irq0 = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new Rig();
        _pit = new Pit8254(Rig.PitClock, _rig.Services);
        _irq0 = new FakeInput { Events = _rig.Events };
        _pit.Output.Connect(_irq0, 0);
        _rig.RunTicks(Rig.PitClock, 100);
    }

    [Test]
    public void Mode0_InterruptOnTerminalCount()
    {
        Program(0, mode: 0, count: 1000);
        Assert.That(_irq0.Level, Is.False);
        Ticks(1000);
        Assert.That(_irq0.Level, Is.False, "N + 1 clocks after the write");
        Ticks(1);
        Assert.That(_irq0.Level);
        Assert.That(Count(0), Is.Zero);
        Ticks(1);
        Assert.That(Count(0), Is.EqualTo(0xFFFF), "the count wraps and goes on");
        Ticks(200_000);
        Assert.That(_irq0.Edges, Is.EqualTo(1));
    }

    [Test]
    public void Mode0_FirstByteStopsTheCount()
    {
        Program(0, mode: 0, count: 1000);
        Ticks(500);
        _pit.WritePort(0x40, 1, 0x10);
        Ticks(5000);
        Assert.That(_irq0.Level, Is.False);
        _pit.WritePort(0x40, 1, 0x00);
        Ticks(0x10 + 1);
        Assert.That(_irq0.Level);
    }

    [Test]
    public void Mode2_PulsesEveryPeriod()
    {
        Program(0, mode: 2, count: 1193);
        Assert.That(_irq0.Level, "high until the first reload");
        int edges = _irq0.Edges;
        Ticks(1 + (1193 * 10));
        Assert.That(_irq0.Edges - edges, Is.EqualTo(10));
        Assert.That(Count(0), Is.EqualTo(1193));
        Ticks(1192);
        Assert.That(_irq0.Level, Is.False, "low for the last clock");
        Assert.That(Count(0), Is.EqualTo(1));
    }

    [Test]
    public void Mode2_NewCountWaitsForThePeriod()
    {
        Program(0, mode: 2, count: 1000);
        Ticks(1 + 300);
        Write(0, 100);
        int edges = _irq0.Edges;
        Ticks(699);
        Assert.That(_irq0.Edges - edges, Is.Zero);
        Ticks(1);
        Assert.That(_irq0.Edges - edges, Is.EqualTo(1));
        Ticks(100);
        Assert.That(_irq0.Edges - edges, Is.EqualTo(2));
    }

    [TestCase(10u)]
    [TestCase(11u)]
    public void Mode3_IsHighForHalfRoundedUp(uint count)
    {
        Program(0, mode: 3, count: count);
        Ticks(1);
        List<bool> levels = [];
        for (uint i = 0; i < 3 * count; i++)
        {
            levels.Add(_irq0.Level);
            Ticks(1);
        }

        uint high = (count + 1) / 2;
        Assert.That(levels, Is.EqualTo(Enumerable.Range(0, (int)(3 * count)).Select(i => i % count < high)));
    }

    [Test]
    public void Mode3_CountsDownByTwo()
    {
        Program(0, mode: 3, count: 10);
        Ticks(1);
        List<uint> counts = [];
        for (int i = 0; i < 10; i++)
        {
            counts.Add(Count(0));
            Ticks(1);
        }

        Assert.That(counts, Is.EqualTo(new[] { 10, 8, 6, 4, 2, 10, 8, 6, 4, 2 }));
    }

    [Test]
    public void Mode3_ZeroIs65536()
    {
        Program(0, mode: 3, count: 0);
        int edges = _irq0.Edges;
        Ticks(1 + (65_536 * 3));
        Assert.That(_irq0.Edges - edges, Is.EqualTo(3));
    }

    [Test]
    public void Mode4_StrobesForOneClock()
    {
        Program(0, mode: 4, count: 50);
        Ticks(50);
        Assert.That(_irq0.Level);
        Ticks(1);
        Assert.That(_irq0.Level, Is.False);
        Ticks(1);
        Assert.That(_irq0.Level);
    }

    [Test]
    public void Mode1_IsTriggeredByGate2()
    {
        Program(2, mode: 1, count: 100);
        Ticks(10);
        Assert.That(Out2, "waits for the trigger");
        _pit.WritePort(0x61, 1, 1);
        Ticks(1);
        Assert.That(Out2, Is.False);
        Ticks(99);
        Assert.That(Out2, Is.False);
        Ticks(1);
        Assert.That(Out2);
    }

    [Test]
    public void Mode5_StrobesAfterTheTrigger()
    {
        Program(2, mode: 5, count: 100);
        _pit.WritePort(0x61, 1, 1);
        Ticks(100);
        Assert.That(Out2);
        Ticks(1);
        Assert.That(Out2, Is.False);
        Ticks(1);
        Assert.That(Out2);
    }

    [Test]
    public void GateHoldsMode0()
    {
        _pit.WritePort(0x61, 1, 1);
        Program(2, mode: 0, count: 1000);
        Ticks(101);
        _pit.WritePort(0x61, 1, 0);
        Ticks(5000);
        Assert.That(Out2, Is.False);
        _pit.WritePort(0x61, 1, 1);
        Ticks(899);
        Assert.That(Out2, Is.False);
        Ticks(1);
        Assert.That(Out2);
    }

    [Test]
    public void CalibrationLoopOfKernels()
    {
        // Gate on, speaker off, counter 2 in mode 0 with FFFFh: the high byte falls every 256 clocks.
        _pit.WritePort(0x61, 1, (_pit.ReadPort(0x61, 1) & ~2u) | 1);
        _pit.WritePort(0x43, 1, 0xB0);
        _pit.WritePort(0x42, 1, 0xFF);
        _pit.WritePort(0x42, 1, 0xFF);
        Ticks(1);
        for (uint i = 0; i < 50; i++)
        {
            _pit.ReadPort(0x42, 1);
            Assert.That(_pit.ReadPort(0x42, 1), Is.EqualTo(0xFF - i));
            Ticks(256);
        }
    }

    [Test]
    public void LatchHoldsTheCountUntilItIsRead()
    {
        Program(0, mode: 2, count: 50_000);
        Ticks(1 + 1000);
        _pit.WritePort(0x43, 1, 0x00);
        Ticks(500);
        _pit.WritePort(0x43, 1, 0x00);
        Assert.That(ReadWord(0), Is.EqualTo(49_000));
        Assert.That(ReadWord(0), Is.EqualTo(48_500), "live again");
    }

    [Test]
    public void ReadBackShowsStatusThenCount()
    {
        Program(0, mode: 2, count: 1000);
        _pit.WritePort(0x43, 1, 0xE2);
        Assert.That(_pit.ReadPort(0x40, 1), Is.EqualTo(0xF4), "OUT high, null count, both bytes, mode 2");
        Ticks(11);
        _pit.WritePort(0x43, 1, 0xC2);
        Assert.That(_pit.ReadPort(0x40, 1), Is.EqualTo(0xB4));
        Assert.That(ReadWord(0), Is.EqualTo(990));
    }

    [Test]
    public void BcdCountsInDecimal()
    {
        _pit.WritePort(0x43, 1, 0x35);
        Write(0, 0x1000);
        Ticks(1 + 1);
        Assert.That(Count(0), Is.EqualTo(0x0999));
        Ticks(999);
        Assert.That(Count(0), Is.EqualTo(0x1000));
    }

    [Test]
    public void RefreshBitToggles()
    {
        int toggles = 0;
        uint last = _pit.ReadPort(0x61, 1) & 0x10;
        for (int i = 0; i < 18 * 100; i++)
        {
            Ticks(1);
            uint now = _pit.ReadPort(0x61, 1) & 0x10;
            toggles += now != last ? 1 : 0;
            last = now;
        }

        Assert.That(toggles, Is.EqualTo(100));
    }

    private bool Out2 => (_pit.ReadPort(0x61, 1) & 0x20) != 0;

    private void Ticks(ulong count) => _rig.RunTicks(Rig.PitClock, count);

    private void Program(int channel, int mode, uint count)
    {
        _pit.WritePort(0x43, 1, (uint)((channel << 6) | 0x30 | (mode << 1)));
        Write(channel, count);
    }

    private void Write(int channel, uint count)
    {
        _pit.WritePort((ushort)(0x40 + channel), 1, count & 0xFF);
        _pit.WritePort((ushort)(0x40 + channel), 1, count >> 8);
    }

    private uint Count(int channel)
    {
        _pit.WritePort(0x43, 1, (uint)channel << 6);
        return ReadWord(channel);
    }

    private uint ReadWord(int channel)
    {
        uint low = _pit.ReadPort((ushort)(0x40 + channel), 1);
        return low | (_pit.ReadPort((ushort)(0x40 + channel), 1) << 8);
    }
}
