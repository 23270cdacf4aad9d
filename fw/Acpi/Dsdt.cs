using System;

namespace CoSim.Firmware.Acpi;

/// <summary>The DSDT: sleep states S3 (where firmware resumes) and S5, processors with their C- and P-states, the PCI root and the legacy devices.</summary>
public static unsafe class Dsdt
{
    private const uint SleepTypeS3 = 3, SleepTypeS5 = 5;

    /// <summary>Writes the table.</summary>
    /// <returns>Its position.</returns>
    public static uint Write(ref TableWriter w, in AcpiSpec spec)
    {
        uint start = AcpiTables.Begin(ref w, "DSDT"u8, 2);
        if (spec.CanSuspend) Sleep(ref w, "_S3_"u8, SleepTypeS3);
        Sleep(ref w, "_S5_"u8, SleepTypeS5);
        uint scope = Aml.Scope(ref w, "\\_SB_"u8);
        for (int i = 0; i < spec.Processors; i++) Processor(ref w, (uint)i, in spec);
        PciRoot(ref w, spec.LowMemory);
        Aml.End(ref w, scope);
        AcpiTables.End(ref w, start);
        return start;
    }

    private static void Sleep(ref TableWriter w, ReadOnlySpan<byte> name, uint type)
    {
        Aml.Name(ref w, name);
        uint package = Aml.Package(ref w, 4);
        Aml.Integer(ref w, type);
        Aml.Integer(ref w, type);
        Aml.Integer(ref w, 0);
        Aml.Integer(ref w, 0);
        Aml.End(ref w, package);
    }

    /// <summary>Devices C000, C001, ... whose _UID is the processor's UID in the MADT.</summary>
    private static void Processor(ref TableWriter w, uint uid, in AcpiSpec spec)
    {
        byte* name = stackalloc byte[4];
        name[0] = (byte)'C';
        for (int i = 0; i < 3; i++)
        {
            uint digit = uid >> 4 * (2 - i) & 15;
            name[i + 1] = (byte)(digit < 10 ? '0' + digit : 'A' + digit - 10);
        }
        uint device = Aml.Device(ref w, new ReadOnlySpan<byte>(name, 4));
        Aml.Name(ref w, "_HID"u8);
        Aml.String(ref w, "ACPI0007"u8);
        Aml.Name(ref w, "_UID"u8);
        Aml.Integer(ref w, uid);
        ProcessorStates.WriteIdle(ref w, in spec);
        if (spec.PowerStateCount > 0) ProcessorStates.WritePerformance(ref w, uid, in spec);
        Aml.End(ref w, device);
    }

    private static void PciRoot(ref TableWriter w, ulong lowMemory)
    {
        uint device = Aml.Device(ref w, "PCI0"u8);
        Aml.Name(ref w, "_HID"u8);
        Aml.EisaId(ref w, "PNP0A08"u8);
        Aml.Name(ref w, "_CID"u8);
        Aml.EisaId(ref w, "PNP0A03"u8);
        Integer(ref w, "_SEG"u8, 0);
        Integer(ref w, "_BBN"u8, 0);
        Integer(ref w, "_UID"u8, 0);
        uint resources = Aml.Resources(ref w);
        Resource.BusRange(ref w, 0, 255);
        Resource.Io(ref w, 0xCF8, 8);
        Resource.PortRange(ref w, 0, 0xCF7);
        Resource.PortRange(ref w, 0xD00, 0xFFFF);
        Resource.MemoryRange(ref w, 0xA0000, 0xBFFFF);
        Resource.MemoryRange(ref w, (uint)lowMemory, AcpiTables.PciConfiguration - 1);
        Resource.MemoryRange(ref w, 0xF0000000, AcpiTables.IoApic - 1);
        Aml.EndResources(ref w, resources);
        LegacyDevices(ref w);
        Aml.End(ref w, device);
    }

    private static void LegacyDevices(ref TableWriter w)
    {
        uint motherboard = Begin(ref w, "MBRD"u8, "PNP0C02"u8, 0, out uint resources);
        Resource.Memory32(ref w, AcpiTables.PciConfiguration, 0x10000000);
        Resource.Io(ref w, 0x800, 0x28);
        Resource.Io(ref w, 0x80, 1);
        End(ref w, motherboard, resources);

        uint timer = Begin(ref w, "TMR_"u8, "PNP0100"u8, 0, out resources);
        Resource.Io(ref w, 0x40, 4);
        Resource.Irq(ref w, 0);
        End(ref w, timer, resources);

        uint clock = Begin(ref w, "RTC_"u8, "PNP0B00"u8, 0, out resources);
        Resource.Io(ref w, 0x70, 4);
        Resource.Irq(ref w, 8);
        End(ref w, clock, resources);

        uint hpet = Begin(ref w, "HPET"u8, "PNP0103"u8, 0, out resources);
        Resource.Memory32(ref w, AcpiTables.Hpet, 0x400);
        End(ref w, hpet, resources);

        uint serial = Begin(ref w, "UAR1"u8, "PNP0501"u8, 1, out resources);
        Resource.Io(ref w, 0x3F8, 8);
        Resource.Irq(ref w, 4);
        End(ref w, serial, resources);
    }

    private static uint Begin(ref TableWriter w, ReadOnlySpan<byte> name, ReadOnlySpan<byte> id, uint uid, out uint resources)
    {
        uint device = Aml.Device(ref w, name);
        Aml.Name(ref w, "_HID"u8);
        Aml.EisaId(ref w, id);
        Integer(ref w, "_UID"u8, uid);
        resources = Aml.Resources(ref w);
        return device;
    }

    private static void End(ref TableWriter w, uint device, uint resources)
    {
        Aml.EndResources(ref w, resources);
        Aml.End(ref w, device);
    }

    private static void Integer(ref TableWriter w, ReadOnlySpan<byte> name, uint value)
    {
        Aml.Name(ref w, name);
        Aml.Integer(ref w, value);
    }
}
