using System;
using System.Runtime;
using CoSim.Firmware.Acpi;
using CoSim.Firmware.Boot;
using CoSim.Firmware.Hardware;
using CoSim.Guest;

namespace CoSim.Firmware;

/// <summary>From the reset stub to the operating system.</summary>
public static unsafe class Firmware
{
    private const uint TablesSize = 0x20000, StartInfoSize = 0x3000, MaxCommandLine = 0x2000;
    private const ulong ShadowRsdp = 0xE0000, PageSize = 4096;
    private const ushort PostCode = 0x80;

    [RuntimeExport("firmware_main")]
    private static void Main()
    {
        Machine.Out8(PostCode, 0x10);
        Msr.InstallTraps();
        Console.Initialise();
        Setup.Read();
        Memory.Find();
        Processors.Initialise();
        Memory.SetCaching();
        // A handler of system management interrupts locks its registers itself.
        if (SystemManagement.IsWanted) SystemManagement.Reserve();
        else if (!Memory.IsForeign) Processors.SetMsr(Msr.HardwareConfiguration, Machine.Rdmsr(Msr.HardwareConfiguration) | Msr.SmmLock);
        Machine.Wrmsr(Msr.MmioConfigBase, AcpiTables.PciConfiguration | 8 << 2 | 1); // 256 buses
        if (Setup.TryFind("tsc-others"u8, out ulong others)) Processors.SetOthersMsr(Msr.TimeStampCounter, others);
        if (Setup.TryFind("cc6"u8, out ulong deep)) Processors.SetMsr(Msr.CStateConfiguration, DeepIdle(deep != 0));
        bool extended = Setup.Value("x2apic"u8, 0) != 0;
        if (extended) Processors.SetOthersMsr(Msr.ApicBase, Apic.OthersExtended);
        Machine.Out8(PostCode, 0x20);
        bool resume = Legacy.IsResume;
        Legacy.Initialise(resume);
        Apic.Initialise();
        Processors.Find();
        if (SystemManagement.IsWanted) SystemManagement.Install();
        if (Setup.TryFind("tsc-boot-move"u8, out ulong move)) Machine.Wrmsr(Msr.TimeStampCounter, Machine.Rdtsc() + move);
        Hpet.Leave();
        if (extended) Apic.EnterExtendedMode();
        Machine.Out8(PostCode, 0x30);
        ulong reclaimable = Memory.Low - TablesSize;
        // Without a word: the console is what the operating system left.
        if (resume) Resume.Enter(reclaimable + StartInfoSize);
        Report();
        ulong rsdp = PublishTables(reclaimable + StartInfoSize);
        Machine.Out8(PostCode, 0x40);
        Boot(reclaimable, rsdp);
        Msr.Stop();
    }

    private static ulong DeepIdle(bool allowed)
    {
        ulong value = Machine.Rdmsr(Msr.CStateConfiguration);
        return allowed ? value | Msr.DeepIdle : value & ~(ulong)Msr.DeepIdle;
    }

    private static void Report()
    {
        Console.Write("\nCoSim firmware 0.1: "u8);
        Console.Decimal((ulong)Processors.Count);
        Console.Write(Processors.Count == 1 ? " processor at "u8 : " processors at "u8);
        Console.Decimal(Clock.Mhz);
        Console.Write(" MHz, "u8);
        Console.Decimal((Memory.LowTop + (Memory.High - 0x1_0000_0000)) >> 20);
        Console.Write(" MiB\n"u8);
    }

    /// <summary>Writes the ACPI tables to the end of low memory, and a copy of the RSDP where old systems search it.</summary>
    private static ulong PublishTables(ulong at)
    {
        AcpiSpec spec = default;
        spec.ApicIds = Processors.ApicIds;
        spec.Processors = Processors.Count;
        spec.IoApicId = Apic.IoApicId;
        spec.LowMemory = Memory.LowTop;
        spec.CanSuspend = true;
        spec.DescribeTimers();
        spec.HasHpet = Setup.Value("hpet-table"u8, 1) != 0;
        spec.HpetAddress = Setup.Value("hpet-base"u8, spec.HpetAddress);
        spec.HpetSpace = (byte)Setup.Value("hpet-space"u8, spec.HpetSpace);
        spec.TimerInput = (int)(uint)Setup.Value("timer-input"u8, (uint)spec.TimerInput);
        spec.TimerFlags = (ushort)Setup.Value("timer-flags"u8, spec.TimerFlags);
        PowerStates.Read(ref spec);
        uint size = AcpiTables.Build((byte*)at, at, TablesSize - StartInfoSize, in spec);
        if (size == 0)
        {
            Console.Write("firmware: no room for the ACPI tables\n"u8);
            Msr.Stop();
        }
        Machine.RepMovsb((void*)ShadowRsdp, (void*)at, 36);
        return at;
    }

    private static void Boot(ulong reclaimable, ulong rsdp)
    {
        if (!FlashDirectory.Open())
        {
            Console.Write("firmware: the flash holds no directory of files\n"u8);
            return;
        }
        byte* kernel = FlashDirectory.Find("kernel"u8, out ulong kernelSize);
        if (kernel == null)
        {
            Console.Write("firmware: the flash holds no kernel\n"u8);
            return;
        }
        ulong limit = reclaimable;
        byte* initrd = FlashDirectory.Find("initrd"u8, out ulong initrdSize);
        if (initrd != null && initrdSize < limit)
        {
            limit = limit - initrdSize & ~(PageSize - 1);
            Machine.RepMovsb((void*)limit, initrd, (nuint)initrdSize);
        }
        uint entry = ElfLoader.LoadKernel(kernel, kernelSize, limit, out ulong end);
        if (entry == 0)
        {
            Console.Write("firmware: the kernel is not an ELF64 file with a PVH entry that fits into memory\n"u8);
            return;
        }
        byte* commandLine = FlashDirectory.Find("cmdline"u8, out ulong commandLineSize);
        if (commandLineSize >= MaxCommandLine) commandLineSize = MaxCommandLine - 1;
        StartInfo.Write(reclaimable, rsdp, commandLine, commandLineSize, initrd != null ? limit : 0, initrdSize);
        Console.Write("firmware: starting the kernel at "u8);
        Console.Hex(entry);
        Console.Write("h, loaded up to "u8);
        Console.Hex(end);
        Console.Write("h\n"u8);
        Machine.Out8(PostCode, 0x50);
        StartInfo.Enter(entry, reclaimable);
    }
}
