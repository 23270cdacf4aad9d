using System.CommandLine;
using System.CommandLine.Parsing;
using CoSim.Cli.Options;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using Serilog.Events;

namespace CoSim.Cli.Logging;

/// <summary>The options of the log, which every command that runs a machine has.</summary>
internal sealed class LogOptions
{
    private static readonly (string Word, LogEventLevel Level)[] Levels =
    [
        ("verbose", LogEventLevel.Verbose),
        ("debug", LogEventLevel.Debug),
        ("information", LogEventLevel.Information),
        ("warning", LogEventLevel.Warning),
        ("error", LogEventLevel.Error),
    ];

    private readonly Option<string?> _path = new("--log")
    {
        Description = "Log what the machine does to this file; '-' is the error output, the default when another log option is given.",
        HelpName = "FILE",
        CustomParser = result => MachineOptions.Word(result) is { Length: > 0 } path ? path : MachineOptions.Fail<string?>(result, "must be a file or '-'"),
    };

    private readonly Option<LogEventLevel?> _level = new("--log-level")
    {
        Description = $"Least important level to log: {string.Join(", ", Levels.Select(l => l.Word))}. [default: warning]",
        HelpName = "LEVEL",
        CustomParser = ParseLevel,
    };

    private readonly Option<string[]?> _components = new("--log-components")
    {
        Description = "Log these components only: hpet,apic0,core,... [default: all]",
        HelpName = "LIST",
        CustomParser = ParseComponents,
    };

    private readonly Option<SimTime?> _from = Time("--log-from", "Log from this simulated time on: 1.5s, 20ms, 750us.");
    private readonly Option<SimTime?> _until = Time("--log-until", "Log up to this simulated time, without it.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_path, _level, _components, _from, _until])
            command.Add(option);
    }

    /// <summary>What the user chose.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="always">Whether warnings go to the error output when no log option is given.</param>
    /// <exception cref="BadInputException">The times leave nothing to log.</exception>
    public LogChoice Read(ParseResult parsed, bool always)
    {
        SimTime from = parsed.GetValue(_from) ?? SimTime.Zero;
        SimTime until = parsed.GetValue(_until) ?? SimTime.Never;
        if (from >= until)
            throw new BadInputException($"--log-until '{until}'", $"must be later than --log-from '{from}'");
        bool any = always || ((Option[])[_level, _components, _from, _until]).Any(option => parsed.GetResult(option) != null);
        return new LogChoice(
            parsed.GetValue(_path) ?? (any ? LogChoice.StandardError : null),
            parsed.GetValue(_level) ?? LogEventLevel.Warning,
            parsed.GetValue(_components) ?? [],
            from,
            until);
    }

    private static Option<SimTime?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result => LogTime.TryParse(MachineOptions.Word(result)) ?? MachineOptions.Fail<SimTime?>(result, LogTime.Syntax),
    };

    private static LogEventLevel? ParseLevel(ArgumentResult result)
    {
        foreach ((string word, LogEventLevel level) in Levels)
            if (word == MachineOptions.Word(result))
                return level;
        return MachineOptions.Fail<LogEventLevel?>(result, $"must be one of {string.Join(", ", Levels.Select(l => l.Word))}");
    }

    private static string[]? ParseComponents(ArgumentResult result)
    {
        string[] words = MachineOptions.Word(result).Split(',', StringSplitOptions.TrimEntries);
        string? unknown = words.FirstOrDefault(word => !LogComponents.IsKnown(word));
        return unknown == null
            ? words
            : MachineOptions.Fail<string[]?>(result, $"'{unknown}' is none of {string.Join(", ", LogComponents.Names)}");
    }
}
