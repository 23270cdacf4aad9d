namespace CoSim.Os.Timekeeping;

/// <summary>
/// The kernel parameters of the time code, with Linux's names (Documentation/admin-guide/kernel-parameters.rst), and
/// os_semantics=, which chooses the version whose rules apply.
/// </summary>
internal static unsafe class TimeOptions
{
    /// <summary>hpet=disable: as if the machine had none.</summary>
    internal static bool NoHpet;

    /// <summary>hpet=force: an address in the HPET table that cannot be is put right.</summary>
    internal static bool HpetForced;

    /// <summary>notsc: calibrated, but no clocksource.</summary>
    internal static bool NoTsc;

    /// <summary>tsc=unstable: the same, because the user says so.</summary>
    internal static bool TscUnstable;

    /// <summary>tsc=reliable: no watchdog, and no synchronisation check of CPUs.</summary>
    internal static bool TscReliable;

    /// <summary>tsc=nowatchdog: no watchdog for it.</summary>
    internal static bool NoTscWatchdog;

    /// <summary>nolapic_timer or noapictimer: the HPET or the 8254 ticks for all CPUs, by interrupts between them.</summary>
    internal static bool NoLapicTimer;

    /// <summary>highres=off: timers expire at ticks, and the tick never stops.</summary>
    internal static bool NoHighRes;

    /// <summary>nohz=off: the tick goes on while a CPU idles.</summary>
    internal static bool NoNohz;

    /// <summary>time_ns=off: a kernel built without CONFIG_TIME_NS.</summary>
    internal static bool NoNamespaces;

    /// <summary>
    /// uptime=SECONDS and suspended=SECONDS: the machine has been up so long already, and has slept so long besides. Not Linux's.
    /// </summary>
    internal static ulong Uptime, SleptBefore;

    /// <summary>Most of each that is taken: 100 years.</summary>
    private const ulong LongestUptime = 36525UL * 86400;

    /// <summary>Reads them; before any device is looked at.</summary>
    internal static void Read()
    {
        NoHpet = StartsWith("hpet"u8, "disable"u8) || CommandLine.Find("nohpet"u8, out _, out _);
        HpetForced = StartsWith("hpet"u8, "force"u8);
        NoTsc = CommandLine.Find("notsc"u8, out _, out _);
        TscUnstable = Is("tsc"u8, "unstable"u8);
        TscReliable = Is("tsc"u8, "reliable"u8);
        NoTscWatchdog = Is("tsc"u8, "nowatchdog"u8);
        NoLapicTimer = CommandLine.Find("nolapic_timer"u8, out _, out _) || CommandLine.Find("noapictimer"u8, out _, out _);
        NoHighRes = Is("highres"u8, "off"u8);
        NoNohz = Is("nohz"u8, "off"u8);
        NoNamespaces = Is("time_ns"u8, "off"u8);
        Uptime = Seconds("uptime"u8);
        SleptBefore = Seconds("suspended"u8);
        byte* name;
        int length;
        if (CommandLine.Find("clocksource"u8, out name, out length)) Clocksources.SetOverride(name, (ulong)length);
        // The old name of the option, which knew one other clock.
        if (Is("clock"u8, "pmtmr"u8))
        {
            Log.Print("clock=pmtmr is deprecated - use clocksource=acpi_pm"u8);
            Clocksources.SetOverride(Text.Literal("acpi_pm"u8), 7);
        }
    }

    /// <summary>Reads which Linux the kernel follows; before anything else is done.</summary>
    internal static void ReadSemantics()
    {
        if (Is("os_semantics"u8, "3.4"u8)) TimeNamespaces.Semantics = OsSemantics.Linux34;
        if (Is("os_semantics"u8, "5.6"u8)) TimeNamespaces.Semantics = OsSemantics.Linux56;
        if (Is("os_semantics"u8, "5.10"u8)) TimeNamespaces.Semantics = OsSemantics.Linux510;
        if (Is("os_semantics"u8, "6.1.190"u8)) TimeNamespaces.Semantics = OsSemantics.Linux61190;
        if (Is("os_semantics"u8, "6.12"u8)) TimeNamespaces.Semantics = OsSemantics.Linux612;
        if (Is("os_semantics"u8, "6.15"u8)) TimeNamespaces.Semantics = OsSemantics.Linux615;
    }

    private static ulong Seconds(System.ReadOnlySpan<byte> name)
    {
        if (!CommandLine.Find(name, out byte* text, out int length)) return 0;
        byte* cursor = text;
        if (!Text.ParseUnsigned(ref cursor, text + length, out ulong value) || cursor != text + length || value > LongestUptime) return 0;
        return value;
    }

    private static bool StartsWith(System.ReadOnlySpan<byte> name, System.ReadOnlySpan<byte> prefix) =>
        CommandLine.Find(name, out byte* found, out int length) && Text.StartsWith(found, length, prefix);

    private static bool Is(System.ReadOnlySpan<byte> name, System.ReadOnlySpan<byte> value)
    {
        byte* found;
        int length;
        return CommandLine.Find(name, out found, out length) && Text.Equal(found, length, value);
    }
}
