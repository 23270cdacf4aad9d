namespace CoSim.Os;

/// <summary>The MADT: which CPUs and IO-APICs there are and how ISA interrupts are wired (ACPI 6.4, 5.2.12).</summary>
public static unsafe partial class AcpiTables
{
    private static uint s_bootApicId;

    /// <summary>Collects the CPUs: the boot CPU becomes 0, the others follow in table order. Without a MADT there is the boot CPU alone.</summary>
    public static void ReadCpus(uint bootApicId, int limit)
    {
        s_bootApicId = bootApicId;
        Cpu.At(0)->ApicId = bootApicId;
        Cpu.Possible = 1;
        byte* madt = (byte*)Find("APIC"u8);
        if (madt == null) return;
        LocalApic.PhysicalBase = *(uint*)(madt + 36);
        byte* end = madt + ((AcpiHeader*)madt)->Length;
        for (byte* e = madt + 44; e + 2 <= end && e[1] >= 2; e += e[1])
        {
            if (e[0] == 0 && (e[4] & 1) != 0) AddCpu(e[3], e[2], limit);
            else if (e[0] == 9 && (e[8] & 1) != 0) AddCpu(*(uint*)(e + 4), *(uint*)(e + 12), limit);
            else if (e[0] == 5) LocalApic.PhysicalBase = *(ulong*)(e + 4);
        }
    }

    /// <summary>Registers IO-APICs and overrides.</summary>
    public static void ReadInterruptRouting()
    {
        byte* madt = (byte*)Find("APIC"u8);
        if (madt == null) return;
        byte* end = madt + ((AcpiHeader*)madt)->Length;
        for (byte* e = madt + 44; e + 2 <= end && e[1] >= 2; e += e[1])
        {
            if (e[0] == 1) IoApic.Add(e[2], *(uint*)(e + 4), *(uint*)(e + 8));
            else if (e[0] == 2)
            {
                int isa = e[3];
                uint gsi = *(uint*)(e + 4);
                int polarity = e[8] & 3, trigger = e[8] >> 2 & 3;
                Irq.AddOverride(isa, gsi, trigger == 3, polarity == 3);
                Log.Print("ACPI: INT_SRC_OVR (bus 0 bus_irq %u global_irq %u %s %s)"u8, (ulong)isa, gsi,
                    (ulong)Text.Literal(polarity == 3 ? "low"u8 : polarity == 1 ? "high"u8 : "dfl"u8),
                    (ulong)Text.Literal(trigger == 3 ? "level"u8 : trigger == 1 ? "edge"u8 : "dfl"u8));
            }
        }
    }

    private static void AddCpu(uint apicId, uint acpiId, int limit)
    {
        if (apicId == s_bootApicId)
        {
            Cpu.At(0)->AcpiId = acpiId;
            return;
        }
        if (Cpu.Possible >= limit) return;
        for (int i = 0; i < Cpu.Possible; i++) if (Cpu.At(i)->ApicId == apicId) return; // listed twice, as local and as x2APIC
        PerCpu* cpu = Heap.New<PerCpu>();
        cpu->Self = cpu;
        cpu->Id = (uint)Cpu.Possible;
        cpu->ApicId = apicId;
        cpu->AcpiId = acpiId;
        Cpu.Set(Cpu.Possible++, cpu);
    }
}
