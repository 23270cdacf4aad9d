using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>PCI 3.0, 3.2.2.3.2 and chapter 6; port 80h.</summary>
public sealed class PciTests
{
    private Rig _rig = null!;
    private PciConfiguration _pci = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new Rig();
        _pci = new PciConfiguration(PciFunctionSpec.Rome, _rig.Services);
    }

    [TestCase(0x8000_0000u, 0x1480_1022u)]
    [TestCase(0x8000_A000u, 0x790B_1022u)]
    [TestCase(0x8000_A300u, 0x790E_1022u)]
    [TestCase(0x8000_A308u, 0x0601_0051u)]
    [TestCase(0x8000_0800u, 0xFFFF_FFFFu)]
    [TestCase(0x8001_0000u, 0xFFFF_FFFFu)]
    [TestCase(0x0000_0000u, 0xFFFF_FFFFu)]
    public void Mechanism1(uint address, uint expected)
    {
        _pci.WritePort(0xCF8, 4, address);
        Assert.That(_pci.ReadPort(0xCFC, 4), Is.EqualTo(expected));
    }

    [Test]
    public void BytesAndWordsOfTheDataPort()
    {
        _pci.WritePort(0xCF8, 4, 0x8000_A00C);
        Assert.That(_pci.ReadPort(0xCFE, 1), Is.EqualTo(0x80), "header type: more functions");
        _pci.WritePort(0xCF8, 4, 0x8000_A000);
        Assert.That(_pci.ReadPort(0xCFE, 2), Is.EqualTo(0x790B));
        _pci.WritePort(0xCF8, 1, 0);
        Assert.That(_pci.ReadPort(0xCF8, 4), Is.EqualTo(0x8000_A000), "only double words reach the address");
    }

    [Test]
    public void MemoryMapped()
    {
        Assert.That(_pci.ReadMemory(0xA3UL << 12, 4), Is.EqualTo(0x790E_1022));
        Assert.That(_pci.ReadMemory((0xA3UL << 12) + 0x100, 4), Is.Zero, "no extended capabilities");
        Assert.That(_pci.ReadMemory(0x1UL << 20, 4), Is.EqualTo(uint.MaxValue));
    }

    [Test]
    public void BarsAreAbsentAndCommandIsWritable()
    {
        _pci.WriteMemory((0xA0UL << 12) + 0x10, 4, uint.MaxValue);
        Assert.That(_pci.ReadMemory((0xA0UL << 12) + 0x10, 4), Is.Zero);
        _pci.WriteMemory((0xA0UL << 12) + 0x04, 2, 0x0007);
        Assert.That(_pci.ReadMemory((0xA0UL << 12) + 0x04, 4), Is.EqualTo(7));
    }

    [Test]
    public void PostCodesAreKeptWithTheirTimes()
    {
        PostPort post = new(_rig.Services);
        post.WritePort(0x80, 1, 0x11);
        _rig.Run(SimDuration.FromMicroseconds(3));
        post.WritePort(0x80, 1, 0x22);
        Assert.That(post.Codes.Select(c => c.Code), Is.EqualTo(new byte[] { 0x11, 0x22 }));
        Assert.That(post.Codes[1].Time - post.Codes[0].Time, Is.EqualTo(SimDuration.FromMicroseconds(3)));
    }

    [Test]
    public void AllPortsMapWithoutCollision()
    {
        PortBus ports = new();
        MmioBus memory = new();
        FakeMachine machine = new();
        new Pit8254(Rig.PitClock, _rig.Services).Map(ports);
        new PicPair().Map(ports);
        new Rtc(new RtcSpec { Clock = Rig.RtcClock }, _rig.Services).Map(ports);
        new PmBlock(new PmSpec { TimerClock = Rig.PmClock }, _rig.Services, machine).Map(ports);
        new FchPowerManagement(_rig.Services, static (_, _, _) => { }).Map(memory, ports);
        new ResetPorts(_rig.Services, machine).Map(ports);
        new ApmPorts().Map(ports);
        new PostPort(_rig.Services).Map(ports);
        _pci.Map(memory, ports);
        ports.Write(0xCF8, 4, 0x8000_0000, out _);
        Assert.That(ports.Read(0xCFC, 4, out _), Is.EqualTo(0x1480_1022));
        Assert.That(ports.Read(0x2E9, 1, out _), Is.EqualTo(0xFF));
        Assert.That(ports.Read(0x64, 1, out _), Is.EqualTo(0xFF));
    }
}
