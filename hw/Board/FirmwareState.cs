using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <summary>
/// Brings a machine out of reset to the state in which firmware hands it to a boot loader: caches and memory types, interrupt
/// controllers in virtual wire mode, timers, ACPI mode, the serial line. For programs that start without a firmware of the guest.
/// </summary>
/// <remarks>
/// The registers are those that our own firmware (fw/Hardware) writes, and the tests compare the two machines. Sources: AMD64 APM
/// volume 2, 7.7 (MTRRs); Intel MultiProcessor Specification 1.4, 3.6.2.2 (virtual wire mode); Intel 8259A, 8254 and Motorola
/// MC146818 data sheets; ACPI 6.3, 4.8.3.
/// </remarks>
internal static class FirmwareState
{
    private const uint MtrrFix64K = 0x250, MtrrFix16K = 0x258, MtrrFix16KVga = 0x259, MtrrFix4K = 0x268, SystemConfiguration = 0xC001_0010;
    private const int Mtrr4KCount = 8, VariableMtrrs = 8, HighestMtrrBit = 31, LowestMtrrBit = 12;
    private const ulong WriteBack = 6, AllWriteBack = 0x0606_0606_0606_0606, MtrrAddress = 0xFFFF_FFFF_F000, MtrrValid = 1 << 11, MtrrEnables = 0xC00;

    /// <summary>SYS_CFG out of reset with MtrrVarDramEn (bit 20), and with TOM2's enable and write-back bits (21, 22) too.</summary>
    private const ulong SysCfg = 0x74_0000, SysCfgMtrr = 1 << 20, SysCfgTom2 = 7 << 20;

    private const uint SpuriousEnabled = 0x1FF, LvtExternal = 0x700, LvtNmi = 0x400;
    private const uint WantedIoApicId = 128, IoApicDataOffset = 0x10;

    /// <summary>I/O ports and the bytes that go there, in order.</summary>
    private static readonly (ushort Port, byte Value)[] PortWrites =
    [
        // 8259s: ICW1 to ICW4 with vectors 08h and 70h, everything masked.
        (0x20, 0x11), (0xA0, 0x11), (0x21, 0x08), (0xA1, 0x70), (0x21, 4), (0xA1, 2), (0x21, 1), (0xA1, 1), (0x21, 0xFF), (0xA1, 0xFF),
        // 8254: channel 0 gives a square wave of 18.2 Hz.
        (0x43, 0x36), (0x40, 0), (0x40, 0),
        // RTC: 32768 Hz time base, 1024 Hz periodic rate; 24-hour BCD, no interrupts.
        (0x70, 0x0A), (0x71, 0x26), (0x70, 0x0B), (0x71, 0x02),
        // UART: 115200 baud, 8 bits, no parity, one stop bit; FIFOs on and empty; DTR, RTS, OUT2.
        (0x3F9, 0), (0x3FB, 0x80), (0x3F8, 1), (0x3F9, 0), (0x3FB, 3), (0x3FA, 7), (0x3FC, 0x0B),
    ];

    /// <summary>PM1 status (all defined bits cleared), PM1 enable, PM1 control (SCI_EN).</summary>
    private static readonly (ushort Port, ushort Value)[] PowerManagementWrites = [(0x800, 0xC731), (0x802, 0), (0x804, 1)];

    /// <summary>Writes everything.</summary>
    /// <returns>The id that the IO-APIC took.</returns>
    public static uint Apply(Machine machine)
    {
        foreach (MachineCore core in machine.Cores)
        {
            DirectStart.EnableCaches(core.Context);
            SetMemoryTypes(core, machine.Spec);
            LockSystemManagement(core);
        }

        foreach ((ushort port, byte value) in PortWrites)
            machine.Ports.Write(port, sizeof(byte), value, out SimDuration _);
        foreach ((ushort port, ushort value) in PowerManagementWrites)
            machine.Ports.Write(port, sizeof(ushort), value, out SimDuration _);
        LocalApic apic = machine.Cores[0].Apic;
        apic.WriteRegister(LocalApicRegisters.Spurious, SpuriousEnabled);
        apic.WriteRegister(LocalApicRegisters.LvtLint0, LvtExternal);
        apic.WriteRegister(LocalApicRegisters.LvtLint1, LvtNmi);
        machine.IoApic.WriteMemory(0, sizeof(uint), 0);
        machine.IoApic.WriteMemory(IoApicDataOffset, sizeof(uint), WantedIoApicId << 24);
        return (uint)machine.IoApic.ReadMemory(IoApicDataOffset, sizeof(uint)) >> 24;
    }

    /// <summary>Memory is write-back, all else uncached; memory above 4 GiB is write-back by SYS_CFG.</summary>
    private static void SetMemoryTypes(MachineCore core, MachineSpec spec)
    {
        Write(core, MtrrFix64K, AllWriteBack);
        Write(core, MtrrFix16K, AllWriteBack);
        Write(core, MtrrFix16KVga, 0);
        for (uint n = 0; n < Mtrr4KCount; n++)
            Write(core, MtrrFix4K + n, AllWriteBack);

        ulong low = Math.Min(spec.MemoryBytes, MemoryMap.LowRamLimit), at = 0;
        uint used = 0;
        for (int bit = HighestMtrrBit; bit >= LowestMtrrBit && used < VariableMtrrs; bit--)
        {
            // A block of a power of two for each bit that is set in the size.
            ulong size = 1UL << bit;
            if ((low & size) == 0)
                continue;
            Write(core, MsrNumbers.MtrrBase0 + (used * 2), at | WriteBack);
            Write(core, MsrNumbers.MtrrBase0 + (used * 2) + 1, (MtrrAddress & ~(size - 1)) | MtrrValid);
            at += size;
            used++;
        }

        Write(core, SystemConfiguration, SysCfg | (spec.MemoryBytes > low ? SysCfgTom2 : SysCfgMtrr));
        Write(core, MsrNumbers.MtrrDefault, MtrrEnables);
    }

    /// <summary>HWCR.SmmLock, with the other bits as they are out of reset.</summary>
    private static unsafe void LockSystemManagement(MachineCore core)
    {
        const ulong smmLock = 1;
        Write(core, MsrNumbers.Hwcr, MsrTable.Value(core.Context.State, MsrNumbers.Hwcr) | smmLock);
    }

    private static void Write(MachineCore core, uint msr, ulong value)
    {
        if (!DirectStart.TryWriteMsr(core.Context, msr, value))
            throw new InvalidOperationException($"MSR {msr:X}h does not take {value:X}h");
    }
}
