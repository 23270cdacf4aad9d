using System.CommandLine;
using System.CommandLine.Parsing;
using CoSim.Cli.Options;
using CoSim.Os.Loader;

namespace CoSim.Cli.Migrate;

/// <summary>The options that describe one of the two machines.</summary>
/// <param name="side">"from" or "to".</param>
/// <param name="model">The default processor.</param>
internal sealed class EndOptions(string side, string model)
{
    private static readonly string[] s_clocksources = ["tsc", "hpet", "acpi_pm"];

    private readonly Option<EpycModel> _model = new($"--{side}-model")
    {
        Description = side == "from" ? "Processor that the program starts on." : "Processor that it goes on on.",
        HelpName = "MODEL",
        DefaultValueFactory = _ => EpycModel.Find(model)!,
        CustomParser = result => EpycModel.Find(MachineOptions.Word(result)) ?? MachineOptions.Fail<EpycModel>(result, "no such EPYC 7002 model"),
    };

    private readonly Option<int> _cores = new($"--{side}-cores")
    {
        Description = "Its cores, 1 to 64.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = result => MachineOptions.Integer(result, 1, 64),
    };

    private readonly Option<long> _uptime = MigrateOptions.DurationOption($"--{side}-uptime", "How long that machine has been up, in whole seconds.", side == "from" ? "0s" : "1042d");
    private readonly Option<long> _suspended = MigrateOptions.DurationOption($"--{side}-suspended", "How long it has slept besides: CLOCK_BOOTTIME is ahead by it.", "0s");

    private readonly Option<string?> _clocksource = new($"--{side}-clocksource")
    {
        Description = $"Its clocksource: {string.Join(", ", s_clocksources)}.",
        HelpName = "NAME",
        CustomParser = result => s_clocksources.Contains(MachineOptions.Word(result), StringComparer.Ordinal)
            ? MachineOptions.Word(result)
            : MachineOptions.Fail<string?>(result, $"there are {string.Join(", ", s_clocksources)}"),
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_model, _cores, _uptime, _suspended, _clocksource])
            command.Add(option);
    }

    /// <summary>The machine, with what both have in common.</summary>
    /// <exception cref="BadInputException">The model has fewer cores.</exception>
    public MigrationEnd Read(ParseResult parsed, MachineOptions common, long rtcUnixSeconds)
    {
        const long NanosecondsPerSecond = 1_000_000_000;
        EpycModel chosen = parsed.GetRequiredValue(_model);
        int cores = parsed.GetRequiredValue(_cores);
        if (cores > chosen.Cores)
            throw new BadInputException($"--{side}-cores '{cores}'", $"an EPYC {chosen.Name} has {chosen.Cores}");
        return new MigrationEnd(
            common.Read(parsed, chosen, cores),
            parsed.GetRequiredValue(_uptime) / NanosecondsPerSecond,
            parsed.GetRequiredValue(_suspended) / NanosecondsPerSecond,
            parsed.GetValue(_clocksource),
            rtcUnixSeconds);
    }
}

/// <summary>Options with lengths of time.</summary>
internal static class MigrateOptions
{
    /// <summary>An option whose value is a length of time in nanoseconds.</summary>
    public static Option<long> DurationOption(string name, string description, string byDefault) => new(name)
    {
        Description = $"{description} [default: {byDefault}]",
        HelpName = "TIME",
        DefaultValueFactory = _ => Duration.TryParse(byDefault)!.Value,
        CustomParser = result => Duration.TryParse(MachineOptions.Word(result)) ?? MachineOptions.Fail<long>(result, Duration.Syntax),
    };
}
