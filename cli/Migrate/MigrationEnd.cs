using CoSim.Cli.Options;
using CoSim.Os.Loader;

namespace CoSim.Cli.Migrate;

/// <summary>One of the two machines of a migration.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="UptimeSeconds">How long it has been up when it starts to be simulated: its clocks since boot and its TSC say so.</param>
/// <param name="SuspendedSeconds">How long it has slept besides: CLOCK_BOOTTIME is ahead by it.</param>
/// <param name="Clocksource">Its clocksource; null for the best.</param>
/// <param name="RtcUnixSeconds">What its RTC shows at reset, in seconds since 1970.</param>
public sealed record MigrationEnd(MachineChoice Machine, long UptimeSeconds, long SuspendedSeconds, string? Clocksource, long RtcUnixSeconds)
{
    /// <summary>Parameters for our operating system.</summary>
    /// <param name="others">More parameters.</param>
    public string Parameters(string others)
    {
        OsCommandLine line = new();
        if (UptimeSeconds > 0)
            line.Add($"uptime={UptimeSeconds}");
        if (SuspendedSeconds > 0)
            line.Add($"suspended={SuspendedSeconds}");
        if (Clocksource is not null)
            line.Add($"clocksource={Clocksource}");
        if (others.Length > 0)
            line.Add(others);
        return line.ToString();
    }

    /// <summary>The machine with files in its flash.</summary>
    /// <param name="firmware">The firmware's image.</param>
    /// <param name="files">What the firmware finds.</param>
    public MachineSpec Spec(byte[] firmware, BootFiles files) => new()
    {
        Model = Machine.Model,
        Cores = Machine.Cores,
        MemoryBytes = Machine.MemoryBytes,
        Flash = FlashImage.Build(firmware, [.. files.FlashEntries.Select(e => new FlashFile(e.Key, e.Value))]),
        Seed = Machine.Seed,
        Engine = Machine.Engine,
        FunctionalRate = Machine.Rate,
        Translate = Machine.Translate,
        RtcUnixSeconds = RtcUnixSeconds,
        TscOffsets = [.. Enumerable.Repeat((long)(UptimeSeconds * (Int128)Machine.Model.BaseMegahertz * 1_000_000), Machine.Cores)],
    };
}
