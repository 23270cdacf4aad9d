using CoSim.Hw.Apic;

namespace CoSim.Hw.Devices.Tests;

/// <summary>82093AA data sheet, section 3, with the EOI register of version 20h.</summary>
public sealed class IoApicTests
{
    private const uint ActiveLow = 1 << 13;
    private const uint RemoteIrr = 1 << 14;
    private const uint Level = 1 << 15;
    private const uint Masked = 1 << 16;

    private ApicRig _apics = null!;
    private IoApic _ioApic = null!;

    [SetUp]
    public void SetUp()
    {
        _apics = new ApicRig(2);
        _apics.Apics[0].WriteRegister(0xF0, 0x1FF);
        _apics.Apics[1].WriteRegister(0xF0, 0x1FF);
        _ioApic = new IoApic(new IoApicSpec(), _apics.Rig.Services, _apics.Fabric);
    }

    [Test]
    public void VersionIs21hWith24Pins()
    {
        Assert.That(Read(1), Is.EqualTo(0x0017_0021));
        Assert.That(Read(0x10), Is.EqualTo(Masked));
    }

    [Test]
    public void IdIsWritableAndArbitrationFollows()
    {
        Write(0, 0x0500_0000);
        Assert.That(Read(0), Is.EqualTo(0x0500_0000));
        Assert.That(Read(2), Is.EqualTo(0x0500_0000));
    }

    [TestCase(8, 0xFF00_0000u)]
    [TestCase(4, 0x0F00_0000u)]
    public void OnlyTheIdIsWritable(int idBits, uint writable)
    {
        IoApic ioApic = new(new IoApicSpec { Name = "other", Id = 0x35, IdBits = idBits }, _apics.Rig.Services, _apics.Fabric);
        Assert.That(ioApic.ReadMemory(0x10, 4), Is.EqualTo(0x3500_0000 & writable));
        ioApic.WriteMemory(0x10, 4, uint.MaxValue);
        Assert.That(ioApic.ReadMemory(0x10, 4), Is.EqualTo(writable));
    }

    [Test]
    public void EdgeIsSentOnceToItsDestination()
    {
        Redirect(2, 0x30, destination: 1);
        _ioApic.SetInput(2, true);
        _ioApic.SetInput(2, true);
        _apics.Settle();
        Assert.That(_apics.Cores[0].Request, Is.False);
        Assert.That(_apics.Apics[1].Acknowledge(), Is.EqualTo(0x30));
        Assert.That(_apics.Cores[1].Request, Is.False);
    }

    [TestCase(false, false)]
    [TestCase(true, true)]
    public void EdgeWhileMasked(bool remembers, bool delivered)
    {
        _ioApic = new IoApic(new IoApicSpec { Name = "other", RemembersMaskedEdges = remembers }, _apics.Rig.Services, _apics.Fabric);
        _ioApic.SetInput(2, true);
        Redirect(2, 0x30, destination: 0);
        _apics.Settle();
        Assert.That(_apics.Cores[0].Request, Is.EqualTo(delivered));
    }

    /// <summary>TMR tells how a vector was last accepted (APM volume 2, 16.6.2): the end of an interrupt does not clear it, an edge does.</summary>
    [Test]
    public void TriggerModeStaysUntilTheVectorIsAcceptedOtherwise()
    {
        Redirect(9, 0x39 | Level | ActiveLow, destination: 0);
        _ioApic.SetInput(9, true);
        _apics.Settle();
        _apics.Apics[0].Acknowledge();
        _ioApic.SetInput(9, false);
        _apics.Apics[0].WriteRegister(0xB0, 0);
        Assert.That(_apics.Apics[0].ReadRegister(0x190) & (1u << 0x19), Is.Not.Zero);
        Redirect(2, 0x39, destination: 0);
        _ioApic.SetInput(2, true);
        _apics.Settle();
        Assert.That(_apics.Apics[0].Acknowledge(), Is.EqualTo(0x39));
        Assert.That(_apics.Apics[0].ReadRegister(0x190) & (1u << 0x19), Is.Zero);
    }

    [Test]
    public void LevelIsSentAgainAfterEoiWhileItIsAsserted()
    {
        Redirect(9, 0x39 | Level | ActiveLow, destination: 0);
        _ioApic.SetInput(9, true);
        _apics.Settle();
        Assert.That(_apics.Apics[0].Acknowledge(), Is.EqualTo(0x39));
        Assert.That(_apics.Apics[0].ReadRegister(0x190) & (1u << 0x19), Is.Not.Zero, "TMR");
        Assert.That(Read(0x10 + 18) & RemoteIrr, Is.Not.Zero);
        _apics.Settle();
        Assert.That(_apics.Cores[0].Request, Is.False, "not before EOI");
        _apics.Apics[0].WriteRegister(0xB0, 0);
        _apics.Settle();
        Assert.That(_apics.Cores[0].Request, "still asserted");
        _apics.Apics[0].Acknowledge();
        _ioApic.SetInput(9, false);
        _apics.Apics[0].WriteRegister(0xB0, 0);
        _apics.Settle();
        Assert.That(_apics.Cores[0].Request, Is.False);
        Assert.That(Read(0x10 + 18) & RemoteIrr, Is.Zero);
    }

    [Test]
    public void WrongPolarityOnAnActiveLowPinStorms()
    {
        Redirect(9, 0x39 | Level, destination: 0);
        _apics.Settle();
        Assert.That(_apics.Cores[0].Request, "the idle wire is high, and high is active");
    }

    [Test]
    public void DirectedEoi()
    {
        _apics.Apics[0].WriteRegister(0xF0, 0x11FF);
        Redirect(9, 0x39 | Level | ActiveLow, destination: 0);
        _ioApic.SetInput(9, true);
        _apics.Settle();
        _apics.Apics[0].Acknowledge();
        _apics.Apics[0].WriteRegister(0xB0, 0);
        Assert.That(Read(0x10 + 18) & RemoteIrr, Is.Not.Zero, "the broadcast is suppressed");
        _ioApic.SetInput(9, false);
        _ioApic.WriteMemory(0x40, 4, 0x39);
        Assert.That(Read(0x10 + 18) & RemoteIrr, Is.Zero);
    }

    [Test]
    public void MakingAnEntryEdgeTriggeredClearsAStuckRemoteIrr()
    {
        Redirect(9, 0x39 | Level | ActiveLow, destination: 0);
        _ioApic.SetInput(9, true);
        _apics.Settle();
        _ioApic.SetInput(9, false);
        Write(0x10 + 18, 0x39 | Masked);
        Write(0x10 + 18, 0x39 | Masked | Level);
        Assert.That(Read(0x10 + 18) & RemoteIrr, Is.Zero);
    }

    [Test]
    public void ExternalModeAsksThePic()
    {
        _apics.External.Vector = 0x20;
        Redirect(0, 0x700, destination: 0);
        _ioApic.SetInput(0, true);
        _apics.Settle();
        Assert.That(_apics.Apics[0].Acknowledge(), Is.EqualTo(0x20));
        Assert.That(_apics.Cores[0].Request, Is.False);
    }

    [Test]
    public void IndicesBeyondTheTableReadOnes() => Assert.That(Read(0xFF), Is.EqualTo(uint.MaxValue));

    private uint Read(uint index)
    {
        _ioApic.WriteMemory(0, 4, index);
        return (uint)_ioApic.ReadMemory(0x10, 4);
    }

    private void Write(uint index, uint value)
    {
        _ioApic.WriteMemory(0, 4, index);
        _ioApic.WriteMemory(0x10, 4, value);
    }

    private void Redirect(uint pin, uint low, uint destination)
    {
        Write(0x11 + (2 * pin), destination << 24);
        Write(0x10 + (2 * pin), low);
    }
}
