using CoSim.Hw.Apic;

namespace CoSim.Hw.Devices.Tests;

/// <summary>AMD64 APM volume 2, 16.9 to 16.11: x2APIC mode.</summary>
public sealed class ExtendedApicTests
{
    private const ulong Disabled = 0xFEE0_0000;
    private const ulong Enabled = 0xFEE0_0800;
    private const ulong Extended = 0xFEE0_0C00;
    private const ulong Illegal = 0xFEE0_0400;

    private ApicRig _apics = null!;
    private LocalApic _apic = null!;

    [SetUp]
    public void SetUp()
    {
        _apics = new ApicRig(2);
        _apic = _apics.Apics[1];
    }

    [TestCase(new[] { Extended, Disabled, Enabled }, true)]
    [TestCase(new[] { Disabled, Enabled, Extended }, true)]
    [TestCase(new[] { Extended, Enabled }, false)]
    [TestCase(new[] { Disabled, Extended }, false)]
    [TestCase(new[] { Illegal }, false)]
    [TestCase(new[] { Extended, Illegal }, false)]
    [TestCase(new[] { Disabled, Illegal }, false)]
    [TestCase(new[] { Enabled | 1 }, false)]
    [TestCase(new[] { Enabled | (1UL << 9) }, false)]
    [TestCase(new[] { Enabled | (1UL << 48) }, false)]
    public void Section_16_9_Transitions(ulong[] values, bool lastAccepted)
    {
        for (int i = 0; i < values.Length; i++)
        {
            bool expected = i < values.Length - 1 || lastAccepted;
            Assert.That(_apic.TryWriteMsr(0x1B, values[i]), Is.EqualTo(expected), $"write {i}: {values[i]:X}");
        }

        Assert.That(_apic.TryReadMsr(0x1B, out ulong value));
        Assert.That(value, Is.EqualTo(lastAccepted ? values[^1] : values.Length > 1 ? values[^2] : Enabled));
    }

    [Test]
    public void BootProcessorBitIsReadOnly()
    {
        Assert.That(_apics.Apics[0].TryWriteMsr(0x1B, Enabled));
        Assert.That(_apics.Apics[0].ApicBase, Is.EqualTo(0xFEE0_0900));
        Assert.That(_apic.TryWriteMsr(0x1B, Enabled | 0x100));
        Assert.That(_apic.ApicBase, Is.EqualTo(0xFEE0_0800));
    }

    [Test]
    public void MsrsFaultOutsideExtendedMode()
    {
        Assert.That(_apic.TryReadMsr(0x802, out _), Is.False);
        Assert.That(_apic.TryWriteMsr(0x808, 0), Is.False);
    }

    [Test]
    public void MemoryPageIsGoneInExtendedMode()
    {
        _apic.TryWriteMsr(0x1B, Extended);
        Assert.That(_apic.ReadRegister(0x20), Is.EqualTo(uint.MaxValue));
    }

    [TestCase(0x800u)]
    [TestCase(0x80Eu)]
    [TestCase(0x831u)]
    [TestCase(0x80Bu)]
    [TestCase(0x83Fu)]
    [TestCase(0x82Fu)]
    [TestCase(0x8FFu)]
    public void ReadsThatFault(uint msr)
    {
        _apic.TryWriteMsr(0x1B, Extended);
        Assert.That(_apic.TryReadMsr(msr, out _), Is.False);
    }

    [TestCase(0x802u, 0UL)]
    [TestCase(0x803u, 0UL)]
    [TestCase(0x80Au, 0UL)]
    [TestCase(0x80Du, 0UL)]
    [TestCase(0x810u, 0UL)]
    [TestCase(0x839u, 0UL)]
    [TestCase(0x80Bu, 1UL)]
    [TestCase(0x828u, 1UL)]
    [TestCase(0x808u, 0x100UL)]
    [TestCase(0x808u, 1UL << 32)]
    [TestCase(0x832u, 1UL << 18)]
    [TestCase(0x830u, 1UL << 12)]
    [TestCase(0x83Eu, 4UL)]
    [TestCase(0x83Fu, 0x100UL)]
    public void WritesThatFault(uint msr, ulong value)
    {
        _apic.TryWriteMsr(0x1B, Extended);
        Assert.That(_apic.TryWriteMsr(msr, value), Is.False);
    }

    [Test]
    public void IdentificationAndDerivedLogicalId()
    {
        _apic.TryWriteMsr(0x1B, Extended);
        Assert.That(_apic.TryReadMsr(0x802, out ulong id));
        Assert.That(_apic.TryReadMsr(0x80D, out ulong logical));
        Assert.That((id, logical), Is.EqualTo((1UL, 2UL)));
    }

    [Test]
    public void CommandIsOneWriteAndSelfIpiWorks()
    {
        foreach (LocalApic apic in _apics.Apics)
        {
            apic.TryWriteMsr(0x1B, Extended);
            apic.TryWriteMsr(0x80F, 0x1FF);
        }

        Assert.That(_apic.TryWriteMsr(0x830, 0x0000_0000_0000_0055));
        _apics.Settle();
        Assert.That(_apics.Cores[0].Request);
        Assert.That(_apics.Cores[1].Request, Is.False);
        Assert.That(_apic.TryReadMsr(0x830, out ulong command));
        Assert.That(command, Is.EqualTo(0x55));
        Assert.That(_apic.TryWriteMsr(0x830, 0x0000_0003_0000_0856), "logical, cluster 0, processors 0 and 1");
        _apics.Settle();
        Assert.That(_apics.Cores[1].Request);
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x56));
        Assert.That(_apic.TryWriteMsr(0x80B, 0));
        Assert.That(_apic.TryWriteMsr(0x83F, 0x77));
        _apics.Settle();
        Assert.That(_apic.Acknowledge(), Is.EqualTo(0x77));
    }

    [Test]
    public void TimerRunsByMsr()
    {
        _apic.TryWriteMsr(0x1B, Extended);
        _apic.TryWriteMsr(0x80F, 0x1FF);
        Assert.That(_apic.TryWriteMsr(0x832, 0x300D1));
        Assert.That(_apic.TryWriteMsr(0x83E, 0xA));
        Assert.That(_apic.TryWriteMsr(0x838, 1000));
        _apics.Rig.RunTicks(Rig.Refclk, 128 * 10);
        Assert.That(_apic.TryReadMsr(0x839, out ulong count));
        Assert.That(count, Is.EqualTo(990));
    }
}
