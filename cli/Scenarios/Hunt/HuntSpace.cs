using CoSim.Cli.Options;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>
/// What `cosim hunt` draws from: everything that a scenario file can say about hardware, firmware and faults of time. It knows what can
/// be otherwise, and nothing of what comes of it.
/// </summary>
internal static class HuntSpace
{
    private const long LargestTsc = 1L << 52, LargestError = 5_000_000, LastPin = 23;

    /// <summary>Four years in hundreds of seconds, that is in 10^10 ticks of REFCLK.</summary>
    private const long MostUptime = 4 * 365 * 864;

    private const long LongestAway = 4_000_000, LatestMoment = 6_000_000;

    /// <summary>What hardware and firmware can be from the beginning.</summary>
    public static IReadOnlyList<HuntKind> Settings { get; } =
    [
        new("hpet-stuck", "{machine: {quirks: {hpet: {stuck: true}}}}"),
        new("hpet-absent", "{machine: {quirks: {hpet: {absent: true}}}}"),
        new("hpet-period", "{machine: {quirks: {hpet: {period-fs: <period>}}}}", HuntParameter.Even("period", 0, 200_000_000)),
        new("hpet-latch", "{machine: {quirks: {hpet: {latch-ticks: <ticks>}}}}", HuntParameter.Magnitude("ticks", 1, 100_000)),
        new("hpet-stale-read-back", "{machine: {quirks: {hpet: {stale-read-back: true}}}}"),
        new("hpet-slow", "{machine: {quirks: {hpet: {read-latency: <time>}}}}", HuntParameter.Time("time", 1, 1000)),
        new("pm-timer-stuck", "{machine: {quirks: {pm-timer: {stuck: true}}}}"),
        new("pm-timer-unlatched", "{machine: {quirks: {pm-timer: {unlatched: true}}}}"),
        new("pm-timer-rate", "{machine: {quirks: {pm-timer: {rate: <part>/<of>}}}}", HuntParameter.Even("part", 1, 9), HuntParameter.Even("of", 1, 9)),
        new("timer-pin", "{machine: {quirks: {timer-pin: <pin>}}}", HuntParameter.Even("pin", -1, LastPin)),
        new("timer-pin-active-low", "{machine: {quirks: {timer-pin-active-low: true}}}"),
        new("pic-not-wired", "{machine: {quirks: {pic-wired: false}}}"),
        // Servers run for years; the counters of a machine are as old as its last reset.
        new("uptime", "{machine: {quirks: {refclk-uptime: <uptime>0000000000}}}", HuntParameter.Even("uptime", 1, MostUptime)),
        new("spread", "{machine: {quirks: {refclk-spread-ppb: <ppb>}}}", HuntParameter.Magnitude("ppb", 1, LargestError)),
        new("refclk", "{machine: {oscillators: {refclk-ppb: <ppb>}}}", HuntParameter.Magnitude("ppb", -LargestError, LargestError)),
        new("fch", "{machine: {oscillators: {fch-ppb: <ppb>}}}", HuntParameter.Magnitude("ppb", -LargestError, LargestError)),
        new("tsc-offset", "{machine: {tsc-offsets: [0, <ticks>]}}", HuntParameter.Magnitude("ticks", -LargestTsc, LargestTsc)) { LeastCores = 2 },
        new("no-hpet-table", "{firmware: {hpet-table: false}}"),
        // A table that is filled in with its bytes in the wrong places, or not at all.
        new("hpet-table-address", "{firmware: {hpet-base: <address>}}", HuntParameter.Word("address", "0x0", "0xfed0", "0xfed01000", "0xd0fe", "0xfed0000000", "0xfed000000000", "0xfed00000000000", "0xfed0000000000000")),
        new("hpet-table-space", "{firmware: {hpet-space: <space>}}", HuntParameter.Even("space", 0, 3)),
        new("hpet-left", "{firmware: {hpet-config: <bits>}}", HuntParameter.Word("bits", "0x0", "0x1", "0x2", "0x3")),
        new("hpet-wide", "{firmware: {hpet-wide: true}}"),
        new("timer-input", "{firmware: {timer-input: <pin>}}", HuntParameter.Even("pin", -1, LastPin)),
        new("timer-flags", "{firmware: {timer-flags: <flags>}}", HuntParameter.Even("flags", 0, 15)),
        new("tsc-others", "{firmware: {tsc-others: <ticks>}}", HuntParameter.Magnitude("ticks", 0, LargestTsc)) { LeastCores = 2 },
        new("tsc-boot-move", "{firmware: {tsc-boot-move: <ticks>}}", HuntParameter.Magnitude("ticks", -LargestTsc, LargestTsc)),
        new("deep-idle", "{firmware: {cc6: true}}"),
        new("no-deep-idle", "{firmware: {cc6: false}}"),
        // What runs on the machine: another release of the operating system, or one that was told to use another clock.
        new("semantics", "{system: {semantics: linux-<version>}}", HuntParameter.Word("version", [.. OsSemantics.Versions.Where(v => v != OsSemantics.Default).Reverse()])),
        new("clocksource", "{system: {parameters: clocksource=<clock>}}", HuntParameter.Word("clock", "hpet", "acpi_pm")),
    ];

    /// <summary>When a fault can happen.</summary>
    public static IReadOnlyList<HuntKind> Triggers { get; } =
    [
        new("once", "at: <at>", HuntParameter.Time("at", 1, LatestMoment)),
        new("again", "at: <at>, period: <period>, times: <times>", HuntParameter.Time("at", 1, LatestMoment), HuntParameter.Time("period", 100, 1_000_000), HuntParameter.Magnitude("times", 1, 1000)) { Simpler = "once" },
        new("starting", "event: {kind: post-code, subject: \"50\", delay: <delay>}", HuntParameter.Time("delay", 1, LatestMoment / 4)),
        new("running", "event: {kind: label, subject: \"4E5552\", delay: <delay>}", HuntParameter.Time("delay", 1, LatestMoment / 2)),
        new("clock-read", "event: {kind: clock-read, subject: <clock>, occurrence: <occurrence>}", Clock(), Occurrence()),
        new("clock-reads", "event: {kind: clock-read, subject: <clock>, every: <every>}, times: 0", Clock(), HuntParameter.Magnitude("every", 1, 100)),
        new("timer-programmed", "event: {kind: timer-programmed, occurrence: <occurrence>}", Occurrence()),
        new("timer-expired", "event: {kind: timer-expired, occurrence: <occurrence>, delay: <delay>}", Occurrence(), HuntParameter.Time("delay", 0, 1000)),
    ];

    /// <summary>What can happen.</summary>
    public static IReadOnlyList<HuntKind> Effects { get; } = Faults(
        new("smi", "smi: {length: <length>}", HuntParameter.Time("length", 1, LongestAway)),
        new("smi-hidden", "smi: {length: <length>, tsc: restore-all}", HuntParameter.Time("length", 1, LongestAway)),
        new("smi-hidden-on-one", "smi: {length: <length>, tsc: restore-one, tsc-core: <core>}", HuntParameter.Time("length", 1, LongestAway), HuntParameter.Core("core")) { LeastCores = 2 },
        new("stop", "stop: {length: <length>}", HuntParameter.Time("length", 1, LongestAway)),
        new("stop-core", "stop: {core: <core>, length: <length>}", HuntParameter.Core("core"), HuntParameter.Time("length", 1, LongestAway)),
        new("write-tsc", "write-tsc: {core: <core>, value: <ticks>}", HuntParameter.Core("core"), HuntParameter.Magnitude("ticks", 0, LargestTsc)),
        new("move-tsc", "move-tsc: {core: <core>, ticks: <ticks>}", HuntParameter.Core("core"), HuntParameter.Magnitude("ticks", -LargestTsc, LargestTsc)),
        new("move-all-tscs", "move-tsc: {ticks: <ticks>}", HuntParameter.Magnitude("ticks", -LargestTsc, LargestTsc)),
        new("read-latency", "read-latency: {device: <device>, time: <time>}", HuntParameter.Word("device", "hpet", "pmtmr", "pit", "rtc", "ioapic"), HuntParameter.Time("time", 1, 1000)),
        new("lost-interrupts", "lose-interrupts: {core: <core>, origin: <origin>, count: <count>}", HuntParameter.Core("core"), Origin(), HuntParameter.Magnitude("count", 1, 100)),
        new("late-interrupts", "delay-interrupts: {core: <core>, origin: <origin>, count: <count>, delay: <delay>}", HuntParameter.Core("core"), Origin(), HuntParameter.Magnitude("count", 1, 100), HuntParameter.Time("delay", 1, 1_000_000)),
        new("drift", "drift: {oscillator: <oscillator>, ppb: <ppb>}", HuntParameter.Word("oscillator", "refclk", "fch", "rtc"), HuntParameter.Magnitude("ppb", -LargestError, LargestError)),
        new("migration", "migrate: {downtime: <downtime>, tsc: <tsc>, refclk-ppb: <ppb>}", HuntParameter.Time("downtime", 100, LongestAway), HuntParameter.Word("tsc", "go-on", "resume"), HuntParameter.Magnitude("ppb", -100_000, 100_000)),
        new("deep-idle-exits", "deep-idle: {core: <core>, exit: <exit>, count: <count>}", HuntParameter.Core("core"), HuntParameter.Time("exit", 1, 10_000), HuntParameter.Magnitude("count", 1, 1000)),
        new("failed-idle-exit", "fail-idle-exit: {core: <core>}", HuntParameter.Core("core")),
        new("hpet-sticks", "stick-hpet: true"));

    private static HuntKind[] Faults(params HuntKind[] kinds) => [.. kinds.Select(k => k with { IsFault = true, NeedsTrigger = true })];

    private static HuntParameter Clock() => HuntParameter.Word("clock", "hpet", "pm", "rtc");

    private static HuntParameter Occurrence() => HuntParameter.Magnitude("occurrence", 1, 1000);

    private static HuntParameter Origin() => HuntParameter.Word("origin", "message", "local-timer", "local-input");
}
