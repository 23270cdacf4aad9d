using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The local APIC, in x2APIC mode when CPUID offers it (APM vol. 2, chapter 16). Registers are named by their xAPIC offset.</summary>
public static unsafe class LocalApic
{
    public const uint Id = 0x20, Version = 0x30, Tpr = 0x80, EoiRegister = 0xB0, Ldr = 0xD0, Dfr = 0xE0, Svr = 0xF0, Esr = 0x280, IcrLow = 0x300, IcrHigh = 0x310;
    public const uint LvtTimer = 0x320, LvtThermal = 0x330, LvtPerf = 0x340, Lint0 = 0x350, Lint1 = 0x360, LvtError = 0x370, Tmict = 0x380, Tmcct = 0x390, Tdcr = 0x3E0;

    private const uint MsrApicBase = 0x1B;

    /// <summary>Physical address of the registers in xAPIC mode.</summary>
    public static ulong PhysicalBase = 0xFEE0_0000;

    private static byte* s_registers;

    /// <summary>Reads a register by its xAPIC offset.</summary>
    public static uint Read(uint register) =>
        CpuFeatures.X2Apic ? (uint)Machine.Rdmsr(0x800 + (register >> 4)) : Mmio.Read32(s_registers + register);

    /// <summary>Writes a register by its xAPIC offset.</summary>
    public static void Write(uint register, uint value)
    {
        if (CpuFeatures.X2Apic) Machine.Wrmsr(0x800 + (register >> 4), value);
        else Mmio.Write32(s_registers + register, value);
    }

    /// <summary>Ends the interrupt in service.</summary>
    public static void Eoi() => Write(EoiRegister, 0);

    /// <summary>The APIC id of the CPU that runs this.</summary>
    public static uint CurrentId => CpuFeatures.X2Apic ? Read(Id) : Read(Id) >> 24;

    /// <summary>Maps the registers (xAPIC) on the boot CPU.</summary>
    public static void Initialize()
    {
        if (CpuFeatures.X2Apic) return;
        LeaveX2Apic();
        s_registers = Mmio.Map(PhysicalBase, 4096);
    }

    /// <summary>Enables the APIC of the CPU that runs this: spurious vector, all local interrupts masked except NMI on LINT1.</summary>
    public static void EnableOnThisCpu()
    {
        if (!CpuFeatures.X2Apic) LeaveX2Apic();
        ulong b = Machine.Rdmsr(MsrApicBase) | 1 << 11;
        if ((Machine.Rdmsr(MsrApicBase) & 1 << 11) == 0) Machine.Wrmsr(MsrApicBase, b);
        if (CpuFeatures.X2Apic) Machine.Wrmsr(MsrApicBase, b | 1 << 10);
        Write(Tpr, 0);
        if (!CpuFeatures.X2Apic)
        {
            Write(Dfr, 0xFFFF_FFFF);
            Write(Ldr, 1u << (24 + (Cpu.Id & 7)));
        }
        Write(LvtTimer, 1 << 16 | Vectors.LocalTimer);
        Write(Lint0, 1 << 16);
        Write(Lint1, 4 << 8);
        Write(LvtError, Vectors.ApicError);
        Write(Svr, 1 << 8 | Vectors.Spurious);
    }

    /// <summary>Firmware may have left this CPU in x2APIC mode; the way back is by disabling the APIC (APM vol. 2, figure 16-33).</summary>
    private static void LeaveX2Apic()
    {
        const ulong enabled = 1 << 11, extended = 1 << 10;
        ulong b = Machine.Rdmsr(MsrApicBase);
        if ((b & extended) == 0) return;
        Machine.Wrmsr(MsrApicBase, b & ~(enabled | extended));
        Machine.Wrmsr(MsrApicBase, b & ~extended | enabled);
    }

    /// <summary>Sends a fixed interrupt to one CPU.</summary>
    public static void SendIpi(uint apicId, int vector) => WriteIcr(apicId, (uint)vector | 1 << 14);

    /// <summary>Writes the interrupt command register; waits until an earlier command of xAPIC mode has left.</summary>
    public static void WriteIcr(uint apicId, uint command)
    {
        if (CpuFeatures.X2Apic)
        {
            // A WRMSR to the ICR does not order earlier stores (APM vol. 2, 16.13); the receiver must see what the IPI is about.
            Machine.Mfence();
            Machine.Wrmsr(0x830, (ulong)apicId << 32 | command);
            return;
        }
        ulong flags = Cpu.IrqSave();
        while ((Read(IcrLow) & 1 << 12) != 0) Machine.Pause();
        Write(IcrHigh, apicId << 24);
        Write(IcrLow, command);
        Cpu.IrqRestore(flags);
    }
}
