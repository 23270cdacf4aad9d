using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>Whole paths from a timer to a vector, programmed as kernels program them.</summary>
public sealed class KernelSequenceTests
{
    private const ulong IoApicBase = 0xFEC0_0000;
    private const ulong HpetBase = 0xFED0_0000;
    private const int Hertz = 250;

    private World _world = null!;
    private int _taken;

    [SetUp]
    public void SetUp()
    {
        _world = new World();
        _taken = 0;
        _world.Apics[0].WriteRegister(0xF0, 0x1FF);
        InitialisePic(0x30, 0x38);
        Port(0x21, 0xFF);
        Port(0xA1, 0xFF);
    }

    [Test]
    public void PitTickThroughIoApicPin2()
    {
        Redirect(2, 0x30);
        Port(0x43, 0x34);
        Port(0x40, 4773 & 0xFF);
        Port(0x40, 4773 >> 8);
        Run(SimDuration.FromSeconds(4), 0x30);
        Assert.That(_taken, Is.EqualTo(4 * Hertz).Within(1));
    }

    [Test]
    public void PitTickThroughThePicInVirtualWireMode()
    {
        _world.Apics[0].WriteRegister(0x350, 0x700);
        Port(0x21, 0xFE);
        Port(0x43, 0x34);
        Port(0x40, 4773 & 0xFF);
        Port(0x40, 4773 >> 8);
        Run(SimDuration.FromSeconds(1), 0x30, picEoi: true);
        Assert.That(_taken, Is.EqualTo(Hertz).Within(1));
    }

    [Test]
    public void HpetTickInLegacyReplacementThroughIoApicPin2()
    {
        Redirect(2, 0x30);
        const uint period = 14_318_180 / Hertz;
        Hpet(0x10, 0);
        Hpet(0xF0, 0);
        Hpet(0x10, 3);
        Hpet(0x100, 0x14C);
        Hpet(0x108, period);
        Hpet(0x108, period);
        Run(SimDuration.FromSeconds(4), 0x30);
        Assert.That(_taken, Is.EqualTo(4 * Hertz).Within(1));
    }

    [Test]
    public void HpetOneShotAsAClockEventDevice()
    {
        Redirect(2, 0x30);
        Hpet(0x10, 3);
        Hpet(0x100, 0x4);
        for (int i = 0; i < 1000; i++)
        {
            Hpet(0x108, (uint)_world.Hpet.Counter + 14_318);
            Run(SimDuration.FromMicroseconds(1010), 0x30);
        }

        Assert.That(_taken, Is.EqualTo(1000));
    }

    [Test]
    public void LocalApicTimerIsCalibratedToRefclkOver16ByThePmTimer()
    {
        _world.Apics[0].WriteRegister(0x320, 0x1_00EF);
        _world.Apics[0].WriteRegister(0x3E0, 3);
        _world.Apics[0].WriteRegister(0x380, uint.MaxValue);
        uint start = _world.Ports.Read(0x808, 4, out _);
        _world.Rig.Run(SimDuration.FromMilliseconds(100));
        uint counted = uint.MaxValue - _world.Apics[0].ReadRegister(0x390);
        uint pm = (_world.Ports.Read(0x808, 4, out _) - start) & 0xFF_FFFF;
        Assert.That(counted, Is.EqualTo(625_000), "6.25 MHz");
        Assert.That(pm, Is.EqualTo(357_954), "within the 1 % that kernels ask");
    }

    [Test]
    public void SciOfThePmTimerThroughAnActiveLowLevelPin()
    {
        Redirect(9, 0x39 | (1 << 13) | (1 << 15));
        _world.Ports.Write(0x804, 2, 1, out _);
        _world.Ports.Write(0x802, 2, 1, out _);
        Run(SimDuration.FromSeconds(10), 0x39, onTaken: () => _world.Ports.Write(0x800, 2, 1, out _));
        Assert.That(_taken, Is.EqualTo(4), "every 2.343 s");
    }

    [Test]
    public void RtcIsSilentUnderLegacyReplacementAndComparator1Speaks()
    {
        Redirect(8, 0x38);
        Port(0x70, 0x0B);
        Port(0x71, 0x42);
        Hpet(0x10, 3);
        Run(SimDuration.FromMilliseconds(100), 0x38);
        Assert.That(_taken, Is.LessThanOrEqualTo(1), "the RTC's 1024 Hz are cut off");
        Hpet(0x120, 0x4);
        Hpet(0x128, (uint)_world.Hpet.Counter + 10_000);
        _taken = 0;
        Run(SimDuration.FromMilliseconds(2), 0x38);
        Assert.That(_taken, Is.EqualTo(1));
    }

    [Test]
    public void LostTickWhileThePicIsMaskedComesWithTheUnmask()
    {
        _world.Apics[0].WriteRegister(0x350, 0x700);
        Port(0x43, 0x34);
        Port(0x40, 4773 & 0xFF);
        Port(0x40, 4773 >> 8);
        Run(SimDuration.FromMilliseconds(10), 0x30, picEoi: true);
        Assert.That(_taken, Is.Zero);
        Port(0x21, 0xFE);
        Run(SimDuration.FromMicroseconds(1), 0x30, picEoi: true);
        Assert.That(_taken, Is.EqualTo(1));
    }

    /// <summary>The fast calibration of kernels: high-byte steps of counter 2, each edge known to within two port reads.</summary>
    [TestCase(1000)]
    [TestCase(1500)]
    [TestCase(100)]
    public void QuickTscCalibrationAgainstThePitSucceedsWithin500Ppm(int nanosecondsPerAccess)
    {
        SimDuration cost = SimDuration.FromNanoseconds(nanosecondsPerAccess);
        OutSlow(0x61, (InSlow(0x61, cost) & ~2u) | 1, cost);
        OutSlow(0x43, 0xB0, cost);
        OutSlow(0x42, 0xFF, cost);
        OutSlow(0x42, 0xFF, cost);
        HighByteIs(0, cost);
        (ulong start, ulong first, int count) = Expect(0xFF, cost);
        Assert.That(count, Is.GreaterThan(5));
        for (uint i = 1; i <= 233; i++)
        {
            (ulong tsc, ulong last, count) = Expect(0xFF - i, cost);
            Assert.That(count, Is.GreaterThan(5), $"step {i}");
            ulong delta = tsc - start;
            if (first + last < delta >> 11)
            {
                Assert.That(HighByteIs(0xFE - i, cost));
                ulong kilohertz = delta * 1_193_182 / (i * 256 * 1000);
                Assert.That(kilohertz, Is.EqualTo(2_250_000).Within(1125));
                return;
            }
        }

        Assert.Fail("50 ms do not suffice");
    }

    /// <summary>Lets time pass in steps of the next event, taking the expected vector whenever it is offered.</summary>
    private void Run(SimDuration duration, byte expected, bool picEoi = false, Action? onTaken = null)
    {
        SimTime end = _world.Rig.Now + duration;
        for (; ; )
        {
            while (_world.Cores[0].Request)
            {
                Assert.That(_world.Apics[0].Acknowledge(), Is.EqualTo(expected));
                onTaken?.Invoke();
                if (picEoi)
                {
                    Port(0x20, 0x20);
                }
                else
                {
                    _world.Apics[0].WriteRegister(0xB0, 0);
                }

                _taken++;
            }

            if (_world.Rig.Now >= end)
            {
                return;
            }

            _world.Rig.RunTo(SimTime.Min(_world.Rig.Events.NextTime, end));
        }
    }

    private (ulong Tsc, ulong Uncertainty, int Count) Expect(uint high, SimDuration cost)
    {
        ulong previous = 0;
        ulong tsc = 0;
        int count = 0;
        for (; count < 50_000 && HighByteIs(high, cost); count++)
        {
            previous = tsc;
            tsc = Tsc;
        }

        return (tsc, Tsc - previous, count);
    }

    private ulong Tsc => (ulong)(_world.Rig.Now.Femtoseconds * 2250 / 1_000_000_000);

    private bool HighByteIs(uint high, SimDuration cost)
    {
        InSlow(0x42, cost);
        return InSlow(0x42, cost) == high;
    }

    private uint InSlow(ushort port, SimDuration cost)
    {
        uint value = _world.Ports.Read(port, 1, out _);
        _world.Rig.Run(cost);
        return value;
    }

    private void OutSlow(ushort port, uint value, SimDuration cost)
    {
        Port(port, value);
        _world.Rig.Run(cost);
    }

    private void InitialisePic(uint master, uint slave)
    {
        Port(0x20, 0x11);
        Port(0x21, master);
        Port(0x21, 4);
        Port(0x21, 1);
        Port(0xA0, 0x11);
        Port(0xA1, slave);
        Port(0xA1, 2);
        Port(0xA1, 1);
    }

    private void Port(ushort port, uint value) => _world.Ports.Write(port, 1, value, out _);

    private void Hpet(ulong offset, uint value) => _world.Memory.Write(HpetBase + offset, 4, value, out _);

    private void Redirect(uint pin, uint low)
    {
        _world.Memory.Write(IoApicBase, 4, 0x11 + (2 * pin), out _);
        _world.Memory.Write(IoApicBase + 0x10, 4, 0, out _);
        _world.Memory.Write(IoApicBase, 4, 0x10 + (2 * pin), out _);
        _world.Memory.Write(IoApicBase + 0x10, 4, low, out _);
    }
}
