using System.Buffers.Binary;
using System.Text;
using CoSim.Firmware.Acpi;

namespace CoSim.Guest.Tests;

/// <summary>Firmware's ACPI tables, walked from the RSDP as an operating system walks them.</summary>
[TestFixture]
public sealed unsafe class AcpiTablesTest
{
    private const ulong Physical = 0x0FF83000;

    private static byte[] Build(params uint[] ids)
    {
        byte[] memory = new byte[0x10000];
        fixed (byte* p = memory)
        fixed (uint* apicIds = ids)
        {
            PowerState* states = stackalloc PowerState[2];
            states[0] = new PowerState { Megahertz = 2250, Milliwatts = 2420 };
            states[1] = new PowerState { Megahertz = 1500, Milliwatts = 1400, Number = 2 };
            AcpiSpec spec = new()
            {
                ApicIds = apicIds,
                Processors = ids.Length,
                IoApicId = 128,
                LowMemory = 0x10000000,
                CanSuspend = true,
                C2Port = 0x814,
                PowerStates = states,
                PowerStateCount = 2,
            };
            spec.DescribeTimers();
            uint size = AcpiTables.Build(p, Physical, (uint)memory.Length, in spec);
            Assert.That(size, Is.GreaterThan(0U));
            return memory[..(int)size];
        }
    }

    private static ReadOnlySpan<byte> Table(byte[] memory, string signature)
    {
        ulong xsdt = BinaryPrimitives.ReadUInt64LittleEndian(memory.AsSpan(24)) - Physical;
        int entries = ((int)U32(memory, (int)xsdt + 4) - 36) / 8;
        for (int i = 0; i < entries; i++)
        {
            int at = (int)(BinaryPrimitives.ReadUInt64LittleEndian(memory.AsSpan((int)xsdt + 36 + i * 8)) - Physical);
            if (Encoding.ASCII.GetString(memory, at, 4) == signature) return memory.AsSpan(at, (int)U32(memory, at + 4));
        }
        throw new AssertionException($"no {signature} in the XSDT");
    }

    private static uint U32(ReadOnlySpan<byte> memory, int at) => BinaryPrimitives.ReadUInt32LittleEndian(memory[at..]);

    private static int Sum(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        foreach (byte b in bytes) sum += b;
        return sum & 0xFF;
    }

    /// <summary>Definitions of the EPYC 7742, and one that is not enabled.</summary>
    [TestCase(0x8000_0000_4592_085AUL, 2250U, 2420U)]
    [TestCase(0x8000_0000_43DA_0C5AUL, 1500U, 1350U)]
    [TestCase(0x0000_0000_4592_085AUL, 0U, 0U)]
    public void PowerState_IsReadFromItsMsr(ulong definition, uint megahertz, uint milliwatts)
    {
        bool enabled = PowerState.TryRead(definition, 2, out PowerState state);
        Assert.That(enabled, Is.EqualTo(megahertz != 0));
        Assert.That((state.Megahertz, state.Milliwatts, state.Number), Is.EqualTo((megahertz, milliwatts, enabled ? 2U : 0)));
    }

    [Test]
    public void Rsdp_HasRevision2AndBothChecksums()
    {
        byte[] memory = Build(0, 1);
        Assert.Multiple(() =>
        {
            Assert.That(Encoding.ASCII.GetString(memory, 0, 8), Is.EqualTo("RSD PTR "));
            Assert.That(memory[15], Is.EqualTo(2));
            Assert.That(Sum(memory.AsSpan(0, 20)), Is.Zero);
            Assert.That(Sum(memory.AsSpan(0, 36)), Is.Zero);
        });
    }

    [TestCase("FACP", 276)]
    [TestCase("HPET", 56)]
    [TestCase("MCFG", 60)]
    [TestCase("APIC", 44 + 2 * 8 + 12 + 2 * 10 + 6)]
    public void Table_HasItsLengthAndChecksum(string signature, int length)
    {
        ReadOnlySpan<byte> table = Table(Build(0, 1), signature);
        Assert.That((table.Length, Sum(table)), Is.EqualTo((length, 0)));
    }

    [Test]
    public void Fadt_TellsPortsResetAndBothTables()
    {
        byte[] memory = Build(0);
        ReadOnlySpan<byte> fadt = Table(memory, "FACP");
        int facs = (int)(U32(fadt, 36) - Physical), dsdt = (int)(U32(fadt, 40) - Physical);
        ushort sci = BinaryPrimitives.ReadUInt16LittleEndian(fadt[46..]);
        ulong wideFacs = BinaryPrimitives.ReadUInt64LittleEndian(fadt[132..]);
        uint[] ports = [U32(fadt, 56), U32(fadt, 64), U32(fadt, 76), U32(fadt, 80)];
        (byte space, ulong port, byte value) reset = (fadt[116], BinaryPrimitives.ReadUInt64LittleEndian(fadt[120..]), fadt[128]);
        bool resetSupported = (U32(fadt, 112) & 1 << 10) != 0, wideTimer = (U32(fadt, 112) & 1 << 8) != 0;
        Assert.Multiple(() =>
        {
            Assert.That(Encoding.ASCII.GetString(memory, facs, 4), Is.EqualTo("FACS"));
            Assert.That(facs % 64, Is.Zero);
            Assert.That(wideFacs, Is.Zero, "only one of the FACS's two addresses may be given");
            Assert.That(Encoding.ASCII.GetString(memory, dsdt, 4), Is.EqualTo("DSDT"));
            Assert.That(Sum(memory.AsSpan(dsdt, (int)U32(memory, dsdt + 4))), Is.Zero);
            Assert.That(sci, Is.EqualTo(9));
            Assert.That(ports, Is.EqualTo(new uint[] { 0x800, 0x804, 0x808, 0x820 }));
            Assert.That(reset, Is.EqualTo(((byte)1, 0xCF9UL, (byte)6)));
            Assert.That(resetSupported, Is.True);
            Assert.That(wideTimer, Is.False);
        });
    }

    [Test]
    public void Madt_HasX2ApicEntriesFromId255On()
    {
        ReadOnlySpan<byte> madt = Table(Build(0, 254, 255, 300), "APIC");
        List<(int Type, uint Id)> processors = [];
        for (int at = 44; at < madt.Length; at += madt[at + 1])
        {
            if (madt[at] == 0) processors.Add((0, madt[at + 3]));
            if (madt[at] == 9) processors.Add((9, U32(madt, at + 4)));
        }
        Assert.That(processors, Is.EqualTo(new[] { (0, 0U), (0, 254U), (9, 255U), (9, 300U) }));
    }

    [Test]
    public void Hpet_IsTheFchs()
    {
        ReadOnlySpan<byte> hpet = Table(Build(0), "HPET");
        Assert.That((U32(hpet, 36), U32(hpet, 44)), Is.EqualTo((0x10228201U, 0xFED00000U)));
    }

    [Test]
    public void TooLittleMemory_GivesNoTables()
    {
        byte[] memory = new byte[512];
        fixed (byte* p = memory)
        {
            uint id = 0;
            AcpiSpec spec = new() { ApicIds = &id, Processors = 1, LowMemory = 0x10000000 };
            spec.DescribeTimers();
            Assert.That(AcpiTables.Build(p, Physical, 400, in spec), Is.Zero);
        }
        Assert.That(memory[400..], Is.All.Zero, "bytes beyond the capacity");
    }

    [Test, Category("NeedsTools")]
    public void Iasl_DisassemblesAndRecompilesTheDsdt([Values(1, 8, 64)] int processors)
    {
        byte[] memory = Build([.. Enumerable.Range(0, processors).Select(i => (uint)i)]);
        int dsdt = (int)(U32(Table(memory, "FACP"), 40) - Physical);
        string directory = Directory.CreateTempSubdirectory("cosim-acpi").FullName, table = Path.Combine(directory, "dsdt");
        File.WriteAllBytes(table + ".dat", memory[dsdt..(dsdt + (int)U32(memory, dsdt + 4))]);
        (int status, string output) = Tool.Run("iasl", $"-p {table} -d {table}.dat");
        Assert.That(status, Is.Zero, output);
        string text = File.ReadAllText(table + ".dsl");
        (status, output) = Tool.Run("iasl", $"-p {table}2 {table}.dsl");
        Directory.Delete(directory, true);
        Assert.Multiple(() =>
        {
            Assert.That(text, Does.Contain("Name (_S5, Package (0x04)").And.Contain("Name (_S3, Package (0x04)"));
            // C1 by MWAIT and C2 by port 814h; two P-states of 2250 and 1500 MHz.
            Assert.That(text, Does.Contain("Register (FFixedHW").And.Contain("0x0000000000000814").And.Contain("Name (_CST, Package (0x03)"));
            Assert.That(text, Does.Contain("Name (_PSS, Package (0x02)").And.Contain("0x08CA").And.Contain("0x05DC").And.Contain("Name (_PSD"));
            Assert.That(text, Does.Contain($"Device (C{processors - 1:X3})"));
            Assert.That(text, Does.Contain("EisaId (\"PNP0A08\")"));
            Assert.That(status, Is.Zero, output);
            Assert.That(output, Does.Contain("0 Errors").And.Contain("0 Warnings"));
        });
    }
}
