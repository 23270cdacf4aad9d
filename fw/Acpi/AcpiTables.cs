using System;

namespace CoSim.Firmware.Acpi;

/// <summary>
/// The ACPI tables (ACPI Specification 6.3, chapter 5): RSDP, XSDT, FADT, FACS, MADT, HPET, MCFG and DSDT, in one block.
/// </summary>
public static unsafe class AcpiTables
{
    /// <summary>Physical addresses of the machine's interrupt controllers, HPET and PCI configuration space.</summary>
    public const uint LocalApic = 0xFEE00000, IoApic = 0xFEC00000, Hpet = 0xFED00000, PciConfiguration = 0xE0000000;

    /// <summary>The IO-APIC's input that IRQ 0 is wired to.</summary>
    public const uint TimerInput = 2;

    private const uint HpetBlockId = 0x10228201;
    private const int MaxTables = 4;

    /// <summary>Writes all tables; RSDP is at the start of the block, FACS 64 bytes further.</summary>
    /// <returns>The number of bytes used, or 0 when they do not fit.</returns>
    public static uint Build(byte* memory, ulong physical, uint capacity, in AcpiSpec spec)
    {
        TableWriter w = new TableWriter(memory, physical, capacity);
        w.Zero(64); // RSDP, written last
        uint facs = w.Position;
        WriteFacs(ref w);
        uint dsdt = Dsdt.Write(ref w, in spec);
        uint* tables = stackalloc uint[MaxTables];
        int count = 0;
        tables[count++] = Fadt.Write(ref w, w.Address(facs), w.Address(dsdt));
        tables[count++] = WriteMadt(ref w, in spec);
        if (spec.HasHpet) tables[count++] = WriteHpet(ref w, in spec);
        tables[count++] = WriteMcfg(ref w);
        uint xsdt = Begin(ref w, "XSDT"u8, 1);
        for (int i = 0; i < count; i++) w.U64(w.Address(tables[i]));
        End(ref w, xsdt);
        uint rsdt = 0;
        if (spec.HasRsdt)
        {
            rsdt = Begin(ref w, "RSDT"u8, 1);
            for (int i = 0; i < count; i++) w.U32((uint)w.Address(tables[i]));
            End(ref w, rsdt);
        }
        TableWriter rsdp = new TableWriter(memory, physical, capacity);
        WriteRsdp(ref rsdp, spec.HasRsdt ? w.Address(rsdt) : 0, w.Address(xsdt));
        return w.Overflowed ? 0 : w.Position;
    }

    /// <summary>Writes a table's header (section 5.2.6); <see cref="End"/> sets length and checksum.</summary>
    /// <returns>The table's position.</returns>
    public static uint Begin(ref TableWriter w, ReadOnlySpan<byte> signature, uint revision)
    {
        w.Align(16);
        uint start = w.Position;
        w.Bytes(signature);
        w.U32(0);
        w.U8(revision);
        w.U8(0);
        w.Bytes("COSIM "u8);
        w.Bytes("ROME    "u8);
        w.U32(1);
        w.Bytes("CSIM"u8);
        w.U32(1);
        return start;
    }

    /// <summary>Ends the table that starts at a position.</summary>
    public static void End(ref TableWriter w, uint start)
    {
        w.Patch32(start + 4, w.Position - start);
        w.Checksum(start, w.Position, start + 9);
    }

    /// <summary>Generic address structure (section 5.2.3.2).</summary>
    /// <param name="w">Where to write.</param>
    /// <param name="space">0 memory, 1 ports.</param>
    /// <param name="bits">Width.</param>
    /// <param name="access">1 byte, 2 word, 3 double word, 4 quad word.</param>
    /// <param name="address">The address.</param>
    public static void GenericAddress(ref TableWriter w, uint space, uint bits, uint access, ulong address)
    {
        w.U8(space);
        w.U8(bits);
        w.U8(0);
        w.U8(access);
        w.U64(address);
    }

    private static void WriteRsdp(ref TableWriter w, ulong rsdt, ulong xsdt)
    {
        w.Bytes("RSD PTR "u8);
        w.U8(0);
        w.Bytes("COSIM "u8);
        w.U8(2);
        w.U32((uint)rsdt);
        w.U32(36);
        w.U64(xsdt);
        w.U32(0);
        w.Checksum(0, 20, 8);
        w.Checksum(0, 36, 32);
    }

    private static void WriteFacs(ref TableWriter w)
    {
        w.Align(64);
        w.Bytes("FACS"u8);
        w.U32(64);
        w.Zero(24);
        w.U8(2);
        w.Zero(31);
    }

    // Section 5.2.12: local APICs, IO-APIC, IRQ 0 on input 2, IRQ 9 level and active low, NMI on LINT1 of all.
    private static uint WriteMadt(ref TableWriter w, in AcpiSpec spec)
    {
        uint start = Begin(ref w, "APIC"u8, 5);
        w.U32(LocalApic);
        w.U32(1); // PCAT_COMPAT: there are 8259s too
        for (int i = 0; i < spec.Processors; i++)
        {
            uint id = spec.ApicIds[i];
            if (id < 255)
            {
                w.U8(0);
                w.U8(8);
                w.U8((uint)i);
                w.U8(id);
                w.U32(1);
            }
            else
            {
                w.U8(9);
                w.U8(16);
                w.U16(0);
                w.U32(id);
                w.U32(1);
                w.U32((uint)i);
            }
        }
        w.U8(1);
        w.U8(12);
        w.U8(spec.IoApicId);
        w.U8(0);
        w.U32(IoApic);
        w.U32(0);
        if (spec.TimerInput >= 0) Override(ref w, 0, (uint)spec.TimerInput, spec.TimerFlags);
        Override(ref w, 9, 9, 0xF);
        w.U8(4);
        w.U8(6);
        w.U8(0xFF);
        w.U16(0x5);
        w.U8(1);
        End(ref w, start);
        return start;
    }

    private static void Override(ref TableWriter w, uint irq, uint input, uint flags)
    {
        w.U8(2);
        w.U8(10);
        w.U8(0);
        w.U8(irq);
        w.U32(input);
        w.U16(flags);
    }

    // IA-PC HPET Specification 1.0a, section 3.2.4.
    private static uint WriteHpet(ref TableWriter w, in AcpiSpec spec)
    {
        uint start = Begin(ref w, "HPET"u8, 1);
        w.U32(HpetBlockId);
        GenericAddress(ref w, spec.HpetSpace, 64, 0, spec.HpetAddress);
        w.U8(0);
        w.U16(0x37EE); // smallest period in ticks without lost interrupts: 1 ms
        w.U8(0);
        End(ref w, start);
        return start;
    }

    // PCI Firmware Specification 3.2, section 4.1.2.
    private static uint WriteMcfg(ref TableWriter w)
    {
        uint start = Begin(ref w, "MCFG"u8, 1);
        w.U64(0);
        w.U64(PciConfiguration);
        w.U16(0);
        w.U8(0);
        w.U8(255);
        w.U32(0);
        End(ref w, start);
        return start;
    }
}
