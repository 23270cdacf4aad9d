using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Firmware.Tests;

/// <summary>
/// What an unmodified Linux 6.1 touches while it boots (measured on Debian's kernel): every register answers, and what is absent answers as
/// nothing does.
/// </summary>
public sealed class KernelPlatformTests
{
    private const ulong IoApic = 0xFEC0_0000, Hpet = 0xFED0_0000;
    private const uint Absent = 0xFFFF_FFFF;

    private static readonly uint[] s_msrs =
    [
        0x1B, 0x8B, 0xFE, .. Range(0x200, 0x20F), 0x250, 0x258, 0x259, .. Range(0x268, 0x26F), 0x277, 0x2FF, 0x179, 0x17A, 0x17B, .. Range(0x400, 0x427),
        0x48, 0x174, 0x175, 0x176, .. Range(0xC000_0080, 0xC000_0084), .. Range(0xC000_0100, 0xC000_0103), .. Range(0xC001_0000, 0xC001_0003), 0xC001_0007,
        0xC001_0010, 0xC001_0015, 0xC001_001F, 0xC001_0058, 0xC001_0117, 0xC001_1020, 0xC001_1029, 0xC001_102E, 0xC001_10E3,
    ];

    private Bench _bench = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new Bench(2, 64UL << 20, EngineKind.Functional);
        _bench.Machine.PreparePlatform();
    }

    [TearDown]
    public void TearDown() => _bench.Dispose();

    [Test]
    public void EveryMsrCanBeRead() => Assert.Multiple(() =>
    {
        foreach (uint msr in s_msrs)
            Assert.That(DirectStart.TryReadMsr(Core(0), msr, out ulong _), Is.True, $"MSR {msr:X}h");
        Assert.That(_bench.Machine.ReadMsr(0, 0x1B), Is.EqualTo(0xFEE0_0900));
        Assert.That(_bench.Machine.ReadMsr(1, 0x1B), Is.EqualTo(0xFEE0_0800));
        Assert.That(_bench.Machine.ReadMsr(0, 0xFE), Is.EqualTo(0x508));
        Assert.That(_bench.Unmodelled, Is.Empty);
    });

    [Test]
    public void BitsOfCpuidGoTogether() => Assert.Multiple(() =>
    {
        Assert.That(Cpuid(0x8000_0007).Edx >> 8 & 1, Is.EqualTo(1), "the TSC is invariant");
        Assert.That(_bench.Machine.ReadMsr(0, 0xC001_0015) >> 24 & 1, Is.EqualTo(1), "HWCR.TscFreqSel says so too");
        Assert.That(Cpuid(1).Ecx >> 3 & 1, Is.EqualTo(1), "MONITOR");
        Assert.That((Cpuid(5).Eax, Cpuid(5).Ecx & 1), Is.EqualTo((64u, 1u)), "its line, and that it has extensions");
        Assert.That(Cpuid(0x8000_0001).Ecx >> 22 & 1, Is.EqualTo(1), "TOPOEXT");
        Assert.That(Enumerable.Range(0, 4).Select(n => Cpuid(0x8000_001D, (uint)n).Eax & 0x1F), Is.EqualTo(new[] { 1u, 2u, 3u, 3u }), "data, instructions, unified twice");
        Assert.That(Core(1).Cpuid.Query(0x8000_001E, 0).Eax, Is.EqualTo(1), "APIC ID");
        Assert.That(Cpuid(0x15), Is.EqualTo(default(CpuidResult)), "no leaf for the crystal");
        Assert.That(Cpuid(1).Ecx >> 31, Is.Zero, "no hypervisor");
        Assert.That(Cpuid(7).Ebx >> 10 & 1, Is.Zero, "no INVPCID");
        Assert.That(Cpuid(1).Ecx >> 17 & 1, Is.Zero, "no PCID");
        Assert.That(Cpuid(7).Ecx >> 3 & 1, Is.Zero, "no protection keys");
    });

    [Test]
    public void SmcaBanksHaveTheirRegisters()
    {
        if ((Cpuid(0x8000_0007).Ebx >> 3 & 1) == 0)
            Assert.Fail("Rome has scalable MCA");
        ulong banks = _bench.Machine.ReadMsr(0, 0x179) & 0xFF;
        Assert.That(banks, Is.GreaterThan(0));
        for (uint bank = 0; bank < banks; bank++)
        {
            for (uint register = 0; register <= 5; register++)
                Assert.That(DirectStart.TryReadMsr(Core(0), 0xC000_2000 + (bank * 16) + register, out ulong _), Is.True, $"bank {bank}, register {register}");
        }
    }

    [TestCase(0x60, 1)]
    [TestCase(0x64, 1)]
    [TestCase(0x2E, 1)]
    [TestCase(0x2F, 1)]
    [TestCase(0x4E, 1)]
    [TestCase(0x4F, 1)]
    [TestCase(0x2E9, 1)]
    [TestCase(0x2F9, 1)]
    [TestCase(0x3E9, 1)]
    [TestCase(0x600, 2)]
    [TestCase(0x604, 2)]
    [TestCase(0x608, 4)]
    public void AbsentPortsAreAllOnes(int port, int size) =>
        Assert.That(_bench.Machine.Ports.Read((ushort)port, size, out SimDuration _), Is.EqualTo(Absent >> (32 - (size * 8))));

    [TestCase(0x21)]
    [TestCase(0xA1)]
    [TestCase(0x42)]
    [TestCase(0x61)]
    [TestCase(0x3FA)]
    [TestCase(0x3FD)]
    [TestCase(0x804)]
    public void PresentPortsAnswer(int port)
    {
        bool masks = port is 0x21 or 0xA1;
        Assert.That(_bench.Machine.Ports.Read((ushort)port, 1, out SimDuration _), masks ? Is.EqualTo(0xFF) : Is.Not.EqualTo(0xFF));
    }

    [Test]
    public void TransmitterIsAlwaysReady()
    {
        for (int n = 0; n < 100; n++)
        {
            Assert.That(_bench.Machine.Ports.Read(0x3FD, 1, out SimDuration _) & 0x60, Is.EqualTo(0x60));
            _bench.Machine.Ports.Write(0x3F8, 1, (byte)'x', out SimDuration _);
        }
    }

    [Test]
    public void AbsentPciFunctionsAreAllOnes()
    {
        Assert.That(Pci(0, 0, 0) & 0xFFFF, Is.EqualTo(0x1022), "the host bridge");
        for (uint device = 1; device < 32; device++)
        {
            uint id = Pci(0, device, 0);
            Assert.That(id, Is.EqualTo(Absent).Or.Matches<uint>(v => (v & 0xFFFF) == 0x1022), $"device {device}");
        }

        Assert.That(Pci(1, 0, 0), Is.EqualTo(Absent));
        Assert.That(Pci(0xFF, 31, 7), Is.EqualTo(Absent));
    }

    [Test]
    public void LocalApicAnswersWhereAKernelReads()
    {
        uint[] offsets = [0x20, 0x30, 0x80, 0xD0, 0xE0, 0xF0, .. Step(0x100, 0x170), .. Step(0x200, 0x280), 0x300, 0x310, .. Step(0x320, 0x390), 0x3E0];
        foreach (uint offset in offsets)
            _ = _bench.Machine.Cores[0].Apic.ReadRegister((int)offset);
        _bench.Machine.Cores[0].Apic.WriteRegister(0xB0, 0);
        Assert.That(_bench.Unmodelled, Is.Empty);
        Assert.That(_bench.Machine.Cores[0].Apic.ReadRegister(0xF0) & 0x100, Is.EqualTo(0x100), "switched on");
    }

    [Test]
    public void HpetAnswersWhereAKernelReads()
    {
        Assert.That(Memory(Hpet), Is.EqualTo(0x1022_8201), "three 32-bit comparators, legacy replacement, AMD");
        Assert.That(Memory(Hpet + 4), Is.InRange(69_800_000, 69_900_000), "the period in femtoseconds");
        for (ulong offset = 0x100; offset <= 0x14C; offset += 4)
            _ = Memory(Hpet + offset);
        Memory(Hpet + 0x10);
        uint first = Memory(Hpet + 0xF0);
        Assert.That(Memory(Hpet + 0xF4), Is.Zero, "32 bits");
        Assert.That(Memory(Hpet + 0xF0), Is.GreaterThanOrEqualTo(first));
        Assert.That(_bench.Unmodelled, Is.Empty);
    }

    [Test]
    public void IoApicHas24Pins()
    {
        _bench.Machine.Mmio.Write(IoApic, sizeof(uint), 1, out SimDuration _);
        Assert.That(Memory(IoApic + 0x10) >> 16 & 0xFF, Is.EqualTo(23));
    }

    private static IEnumerable<uint> Range(uint first, uint last)
    {
        for (uint n = first; n <= last; n++)
            yield return n;
    }

    private static IEnumerable<uint> Step(uint first, uint last)
    {
        for (uint n = first; n <= last; n += 0x10)
            yield return n;
    }

    private CoreContext Core(int n) => _bench.Machine.Cores[n].Context;

    private CpuidResult Cpuid(uint leaf, uint subleaf = 0) => Core(0).Cpuid.Query(leaf, subleaf);

    private uint Memory(ulong address) => (uint)_bench.Machine.Mmio.Read(address, sizeof(uint), out SimDuration _);

    private uint Pci(uint bus, uint device, uint function)
    {
        _bench.Machine.Ports.Write(0xCF8, sizeof(uint), 0x8000_0000 | (bus << 16) | (device << 11) | (function << 8), out SimDuration _);
        return _bench.Machine.Ports.Read(0xCFC, sizeof(uint), out SimDuration _);
    }
}
