using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The high precision event timer (IA-PC HPET 1.0a; timekeeping reference, section 8): counter, and comparator 0 in
/// legacy replacement mode as the tick before the local timer is known.
/// </summary>
internal static unsafe partial class Hpet
{
    private const int Capabilities = 0x000, Period = 0x004, Configuration = 0x010, Counter = 0x0F0;
    private const int Timer0Configuration = 0x100, Timer0Comparator = 0x108;
    private const uint Enable = 1, LegacyReplacement = 2;
    private const uint Periodic = 1 << 3, InterruptEnable = 1 << 2, SetValue = 1 << 6, Mode32 = 1 << 8, LevelTriggered = 1 << 1;
    private const ulong MisplacedBase = 0xFED0_0000_0000_0000;
    private const int ConfigurationReads = 1000;
    private const uint MinPeriodFs = 100_000, MaxPeriodFs = 100_000_000;

    private static byte* s_base;
    private static uint s_periodFs;
    private static ulong s_shared;

    /// <summary>The device was found, is sane and counts.</summary>
    internal static bool Present => s_base != null;

    /// <summary>Frequency in Hz, rounded down as the clocksource takes it.</summary>
    internal static uint Frequency => (uint)(1_000_000_000_000_000UL / s_periodFs);

    /// <summary>Length of a count in femtoseconds.</summary>
    internal static uint PeriodFs => s_periodFs;

    internal static uint ReadCounter() => Mmio.Read32(s_base + Counter);

    /// <summary>Finds the device in the ACPI tables, starts it and checks that it counts.</summary>
    internal static void Initialise()
    {
        byte* table = (byte*)AcpiTables.Find("HPET"u8);
        if (table == null || ((AcpiHeader*)table)->Length < 56) return;
        ulong physical = AddressIn(table);
        if (physical == 0) return;
        s_base = Mmio.Map(physical, 1024);
        if (!IsUsable())
        {
            s_base = null;
            return;
        }
        uint capabilities = Mmio.Read32(s_base + Capabilities);
        Log.Print("hpet0: %u comparators, %u-bit %u.%06u MHz counter"u8, ((capabilities >> 8) & 31) + 1,
            (capabilities & 1 << 13) != 0 ? 64u : 32u, Frequency / 1_000_000, Frequency % 1_000_000);
    }

    /// <summary>Where the table says that the device is; 0 when that cannot be true.</summary>
    private static ulong AddressIn(byte* table)
    {
        // The address is a generic address structure: it must be in memory space.
        uint id = *(uint*)(table + 36);
        ulong physical = *(ulong*)(table + 44);
        if (table[40] != 0)
        {
            Log.Print("HPET timers must be located in memory."u8);
            return 0;
        }
        if (physical == 0)
        {
            Log.Print("ACPI: HPET id: 0x%x base: 0x0 is invalid"u8, id);
            return 0;
        }
        // Some firmware has put the 32-bit address into the upper half.
        if (physical == MisplacedBase)
        {
            if (!TimeOptions.HpetForced)
            {
                Log.Print("ACPI: HPET id: 0x%x base: 0xfed0000000000000 is bogus, try hpet=force on the kernel command line to fix it up to 0xfed00000."u8, id);
                return 0;
            }
            Log.Print("ACPI: HPET id: 0x%x base: 0xfed0000000000000 fixed up to 0xfed00000."u8, id);
            physical >>= 32;
        }
        Log.Print("ACPI: HPET id: 0x%x base: 0x%llx"u8, id, physical);
        return physical;
    }

    private static bool IsUsable()
    {
        int reads = 0;
        while (Mmio.Read32(s_base + Configuration) == uint.MaxValue)
        {
            if (++reads < ConfigurationReads) continue;
            Log.Print("hpet: Config register invalid. Disabling HPET"u8);
            return false;
        }
        s_periodFs = Mmio.Read32(s_base + Period);
        // A period that cannot be disables the device without a word, as in Linux.
        if (s_periodFs < MinPeriodFs || s_periodFs > MaxPeriodFs) return false;
        if (StartAndCheck()) return true;
        Log.Print("hpet: Counter not counting. HPET disabled"u8);
        return false;
    }

    /// <summary>The device has lost its state: the counter starts from zero (timekeeping reference, section 8).</summary>
    internal static void Resume()
    {
        if (!Present) return;
        bool ticks = LapicTimer.TicksPerJiffy == 0 && LapicCalibration.TickDeviceIsHpet;
        Mmio.Write32(s_base + Configuration, 0);
        Mmio.Write32(s_base + Counter, 0);
        Mmio.Write32(s_base + Counter + 4, 0);
        Mmio.Write32(s_base + Configuration, Enable);
        if (ticks) StartPeriodic();
    }

    private static bool StartAndCheck()
    {
        uint configuration = Mmio.Read32(s_base + Configuration);
        configuration &= ~(Enable | LegacyReplacement);
        Mmio.Write32(s_base + Configuration, configuration);
        if (configuration != 0) Log.Print("hpet: Global config: Unknown bits 0x%x"u8, configuration);
        Mmio.Write32(s_base + Counter, 0);
        Mmio.Write32(s_base + Counter + 4, 0);
        Mmio.Write32(s_base + Configuration, configuration | Enable);
        uint first = ReadCounter();
        ulong start = Machine.RdtscOrdered();
        do
        {
            if (ReadCounter() != first) return true;
        } while (Machine.RdtscOrdered() - start < 200_000);
        return false;
    }

    /// <summary>Comparator 0 interrupts HZ times a second on IRQ 0 (GSI 2), in place of the 8254.</summary>
    /// <returns>False when the device cannot replace the 8254.</returns>
    internal static bool StartPeriodic()
    {
        if ((Mmio.Read32(s_base + Capabilities) & 1 << 15) == 0) return false;
        uint delta = (uint)((ulong)TimeUnits.TickNsec * 1_000_000 / s_periodFs);
        uint configuration = Mmio.Read32(s_base + Configuration);
        Mmio.Write32(s_base + Configuration, configuration & ~Enable);
        uint timer = Mmio.Read32(s_base + Timer0Configuration) & ~LevelTriggered;
        Mmio.Write32(s_base + Timer0Configuration, timer | InterruptEnable | Periodic | SetValue | Mode32);
        Mmio.Write32(s_base + Timer0Comparator, ReadCounter() + delta);
        // The second write after SetValue goes to the period; the device wants a count between the two.
        Mmio.Write32(s_base + Configuration, configuration | Enable | LegacyReplacement);
        uint now = ReadCounter();
        while (ReadCounter() == now) Machine.Pause();
        Mmio.Write32(s_base + Timer0Comparator, delta);
        return true;
    }

    /// <summary>Silences comparator 0; the counter goes on.</summary>
    internal static void StopPeriodic()
    {
        uint timer = Mmio.Read32(s_base + Timer0Configuration);
        Mmio.Write32(s_base + Timer0Configuration, timer & ~InterruptEnable);
    }

    /// <summary>Whether the HPET has IRQ 0 and 8 in place of the 8254 and the RTC.</summary>
    internal static bool HasLegacyInterrupts => Present && (Mmio.Read32(s_base + Configuration) & LegacyReplacement) != 0;

    /// <summary>Gives IRQ 0 and 8 back to the 8254 and the RTC.</summary>
    internal static void EndLegacyReplacement() =>
        Mmio.Write32(s_base + Configuration, Mmio.Read32(s_base + Configuration) & ~LegacyReplacement);

    /// <summary>
    /// The clocksource's read. An access takes around a microsecond and they queue up, so CPUs that come while one is reading
    /// take its value instead of their own: one lock word and the last value in one 64-bit cell.
    /// </summary>
    internal static ulong Read()
    {
        if (Cpu.OnlineCount <= 1) return ReadCounter();
        ulong* cell = Text.Address(ref s_shared);
        // An interrupt between lock and value would wait for itself.
        ulong flags = Cpu.IrqSave();
        ulong old = Atomic.Load64(cell);
        if ((old & 1) == 0 && Machine.CompareExchange64(cell, old | 1, old) == old)
        {
            uint now = ReadCounter();
            Atomic.Store64(cell, (ulong)now << 32);
            Cpu.IrqRestore(flags);
            return now;
        }
        Cpu.IrqRestore(flags);
        // Somebody is reading. A value that appears after we began is as good as our own.
        uint before = (uint)(old >> 32);
        for (; ; )
        {
            Machine.Pause();
            ulong seen = Atomic.Load64(cell);
            if ((uint)(seen >> 32) != before) return seen >> 32;
            if ((seen & 1) == 0) return ReadCounter();
        }
    }
}
