using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Privileged.Tests;

/// <summary>Machine-check banks and other MSRs (family 17h model 31h PPR; AMD APM vol. 2, chapter 9), and CPUID's name.</summary>
public unsafe class MsrTests
{
    [Test]
    public void BanksHaveControlsIdentitiesAndLegacyAliases()
    {
        using Guest g = Guest.Long(EngineKind.Functional);
        Assert.That(MsrAccess.TryRead(g.Core, 0x179, out ulong capability), Is.True);
        for (uint bank = 0; bank < (capability & 0xFF); bank++)
        {
            bool present = bank is not (4 or 8 or 9);
            Assert.That(MsrAccess.TryWrite(g.Core, 0x400 + 4 * bank, 0x1234), Is.True);
            Assert.That(MsrAccess.TryRead(g.Core, 0xC0002000 + 16 * bank, out ulong control), Is.True);
            Assert.That(control, Is.EqualTo(present ? 0x1234 : 0), $"bank {bank}");
            Assert.That(MsrAccess.TryRead(g.Core, 0xC0002005 + 16 * bank, out ulong identity), Is.True);
            Assert.That((identity >> 32) & 0xFFF, Is.EqualTo(present ? 0xB0 : 0), "HardwareID of the core's banks");
        }
    }

    [Test]
    public void ErrorRegistersTakeZeroUnlessHwcrAllowsMore()
    {
        using Guest g = Guest.Long(EngineKind.Functional);
        Assert.That(MsrAccess.TryWrite(g.Core, 0x401, 0), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, 0x401, 1UL << 63), Is.False);
        Assert.That(MsrAccess.TryWrite(g.Core, 0x402, ulong.MaxValue), Is.True, "ADDR is plain");
        Assert.That(MsrAccess.TryWrite(g.Core, MsrNumbers.Hwcr, 1 << 18), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, 0x401, 1UL << 63), Is.True);
        Assert.That(MsrAccess.TryRead(g.Core, 0xC0002001, out ulong status), Is.True);
        Assert.That(status, Is.EqualTo(1UL << 63));
    }

    [TestCase(MsrNumbers.FsBase)]
    [TestCase(MsrNumbers.GsBase)]
    [TestCase(MsrNumbers.KernelGsBase)]
    [TestCase(MsrNumbers.LongStar)]
    [TestCase(MsrNumbers.CompatibilityStar)]
    public void AddressThatIsNotCanonicalIsRefusedAndChangesNothing(uint number)
    {
        using Guest g = Guest.Long(EngineKind.Functional);
        Assert.That(MsrAccess.TryWrite(g.Core, number, 0x1234_5678_9ABC), Is.True);
        Assert.That(MsrAccess.TryWrite(g.Core, number, 0xAAAA_AAAA_AAAA_AAAA), Is.False);
        Assert.That(MsrAccess.TryRead(g.Core, number, out ulong value), Is.True);
        Assert.That(value, Is.EqualTo(0x1234_5678_9ABC));
    }

    [Test]
    public void MonitorIsUndefinedWhenHwcrDisablesIt()
    {
        using Guest g = Guest.Long(EngineKind.Functional);
        MsrAccess.TryWrite(g.Core, MsrNumbers.Hwcr, 1 << 9);
        g.Code(a =>
        {
            a.xor(Iced.Intel.AssemblerRegisters.ecx, Iced.Intel.AssemblerRegisters.ecx);
            a.monitor();
        });
        g.Run();
        Assert.That(g.Vectors, Is.EqualTo(new ulong[] { 6 }));
        Assert.That(g.Core.Cpuid.Query(1, 0).Ecx & 8, Is.Zero);
    }

    [TestCase("7742", 64, "AMD EPYC 7742 64-Core Processor")]
    [TestCase("7232P", 8, "AMD EPYC 7232P 8-Core Processor")]
    public void NameIsThatOfTheModel(string model, int cores, string expected)
    {
        using Guest g = new(EngineKind.Functional, new CoreSpec { ModelName = model, ModelCores = cores });
        Span<byte> text = stackalloc byte[48];
        for (uint n = 0; n < 3; n++)
        {
            CpuidResult r = g.Core.Cpuid.Query(0x80000002 + n, 0);
            uint[] words = [r.Eax, r.Ebx, r.Ecx, r.Edx];
            for (int k = 0; k < 4; k++)
                BitConverter.TryWriteBytes(text[((int)n * 16 + k * 4)..], words[k]);
        }

        string name = System.Text.Encoding.ASCII.GetString(text);
        Assert.That(name.TrimEnd('\0', ' '), Is.EqualTo(expected));
        Assert.That(name[47], Is.EqualTo('\0'));
        Assert.That(CpuState.MsrSlots, Is.GreaterThanOrEqualTo(MsrTable.Registers.Count));
    }
}
