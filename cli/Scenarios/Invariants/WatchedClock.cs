namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>A clock whose readings a rule looks at.</summary>
internal enum WatchedClock
{
    /// <summary>RDTSC and RDTSCP.</summary>
    Tsc,

    /// <summary>The HPET's main counter.</summary>
    Hpet,

    /// <summary>The ACPI PM timer.</summary>
    PmTimer,

    /// <summary>CLOCK_REALTIME as programs get it, by the vDSO or by system calls; so are the others below.</summary>
    Realtime,

    /// <summary>CLOCK_MONOTONIC.</summary>
    Monotonic,

    /// <summary>CLOCK_MONOTONIC_RAW.</summary>
    MonotonicRaw,

    /// <summary>CLOCK_REALTIME_COARSE.</summary>
    RealtimeCoarse,

    /// <summary>CLOCK_MONOTONIC_COARSE.</summary>
    MonotonicCoarse,

    /// <summary>CLOCK_BOOTTIME.</summary>
    Boottime,
}

/// <summary>What is known of the watched clocks.</summary>
internal static class WatchedClocks
{
    private const int HpetBits = 32, PmTimerBits = 24, FullBits = 64;
    private const ulong PmTimerHertz = 3_579_545, HpetHertz = 14_318_180, NanosecondHertz = 1_000_000_000, Megahertz = 1_000_000;

    /// <summary>Their names in scenarios and reports.</summary>
    public static IReadOnlyList<(string Word, WatchedClock Meaning)> Names { get; } =
    [
        ("tsc", WatchedClock.Tsc),
        ("hpet", WatchedClock.Hpet),
        ("pm-timer", WatchedClock.PmTimer),
        ("realtime", WatchedClock.Realtime),
        ("monotonic", WatchedClock.Monotonic),
        ("monotonic-raw", WatchedClock.MonotonicRaw),
        ("realtime-coarse", WatchedClock.RealtimeCoarse),
        ("monotonic-coarse", WatchedClock.MonotonicCoarse),
        ("boottime", WatchedClock.Boottime),
    ];

    /// <summary>The clock's name.</summary>
    public static string Name(WatchedClock clock) => Names.First(n => n.Meaning == clock).Word;

    /// <summary>Bits after which a reading wraps.</summary>
    public static int Bits(WatchedClock clock) => clock switch
    {
        WatchedClock.Hpet => HpetBits,
        WatchedClock.PmTimer => PmTimerBits,
        _ => FullBits,
    };

    /// <summary>Units of a reading in a second, by its data sheet.</summary>
    public static ulong Hertz(WatchedClock clock, EpycModel model) => clock switch
    {
        WatchedClock.Tsc => model.BaseMegahertz * Megahertz,
        WatchedClock.Hpet => HpetHertz,
        WatchedClock.PmTimer => PmTimerHertz,
        _ => NanosecondHertz,
    };

    /// <summary>The clock of a Linux clock id (include/uapi/linux/time.h); null for one that is not watched.</summary>
    public static WatchedClock? OfLinux(int id) => id switch
    {
        0 => WatchedClock.Realtime,
        1 => WatchedClock.Monotonic,
        4 => WatchedClock.MonotonicRaw,
        5 => WatchedClock.RealtimeCoarse,
        6 => WatchedClock.MonotonicCoarse,
        7 => WatchedClock.Boottime,
        _ => null,
    };

    /// <summary>Whether a time namespace gives the clock an offset of its own (time_namespaces(7)).</summary>
    public static bool IsVirtualised(WatchedClock clock) =>
        clock is WatchedClock.Monotonic or WatchedClock.MonotonicRaw or WatchedClock.MonotonicCoarse or WatchedClock.Boottime;

    /// <summary>The clock of a device's name; null for one that is not watched.</summary>
    public static WatchedClock? OfDevice(string name) => name switch
    {
        "hpet" => WatchedClock.Hpet,
        "pm" => WatchedClock.PmTimer,
        _ => null,
    };
}
