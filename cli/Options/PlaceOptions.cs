using System.CommandLine;
using System.Globalization;
using CoSim.Cli.Running;
using CoSim.Cli.Stops;
using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Options;

/// <summary>Where a checkpoint is taken and where it goes: at a place, or at a time.</summary>
/// <param name="Path">The file.</param>
/// <param name="Word">What the user wrote, for messages.</param>
/// <param name="Place">The place; null for a time.</param>
/// <param name="Time">The simulated time; without meaning when there is a place.</param>
internal sealed record CheckpointChoice(string Path, string Word, RunPlace? Place, SimTime Time);

/// <summary>The options that name places of a run: engine switches and checkpoints.</summary>
internal sealed class PlaceOptions
{
    private readonly Option<string?> _detailed = new("--detailed-from")
    {
        Description = "Go on with the detailed engine from here: a symbol, 0xADDRESS (linear), or a count of instructions since reset.",
        HelpName = "PLACE",
    };

    private readonly Option<string?> _functional = new("--functional-from")
    {
        Description = "Go on with the functional engine from here.",
        HelpName = "PLACE",
    };

    private readonly Option<string?> _at = new("--checkpoint-at")
    {
        Description = "Write a checkpoint here, once, and go on: a simulated time (1.5s, 120ms, 30us, 5ns) or a place.",
        HelpName = "TIME|PLACE",
    };

    private readonly Option<string?> _file = new("--checkpoint")
    {
        Description = "The checkpoint's file, for 'cosim resume'.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _stop = new("--stop-at")
    {
        Description = "End the run here, with exit status 0, although the program has not ended: a simulated time or a place.",
        HelpName = "TIME|PLACE",
    };

    private readonly Option<string?> _text = new("--stop-on-console")
    {
        Description = "End the run when the console has written this text, with exit status 0.",
        HelpName = "TEXT",
    };

    private readonly Option<string[]> _on = new(StopCondition.OnOption)
    {
        Description = "End the run after the instruction at which this event happens, with exit status 0: a kind of events of a trace, and values of its fields. May be repeated.",
        HelpName = "EVENT[:FIELD=VALUE,...]",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _when = new(StopCondition.WhenOption)
    {
        Description = "End the run when a register passes a test, at the first instruction boundary from then on, with exit status 0: 'hpet.MAIN_CNT >= 0x1000'. "
            + "Registers of devices are named as in docs/registers.md, those of cores as gdb does (core0.cr3); 'help' lists them. May be repeated.",
        HelpName = "CONDITION",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds the options for engine switches.</summary>
    public void AddSwitchesTo(Command command)
    {
        command.Add(_detailed);
        command.Add(_functional);
    }

    /// <summary>Adds the options for checkpoints.</summary>
    public void AddCheckpointTo(Command command)
    {
        command.Add(_at);
        command.Add(_file);
    }

    /// <summary>Adds the options for the end of the run.</summary>
    public void AddStopTo(Command command)
    {
        command.Add(_stop);
        command.Add(_text);
        command.Add(_on);
        command.Add(_when);
    }

    /// <summary>What the user wants to happen; the places are looked up when the images are known.</summary>
    public PlaceChoice Read(ParseResult parsed) =>
        new(parsed.GetValue(_detailed), parsed.GetValue(_functional), Known(parsed, _at), Known(parsed, _file))
        {
            StopAt = Known(parsed, _stop),
            StopOnConsole = Known(parsed, _text),
            StopOn = [.. Known(parsed, _on).Select(w => EventTest.Parse(StopCondition.OnOption, w, EventTest.WhileRunning))],
            StopWhen = [.. Known(parsed, _when).Select(w => RegisterTest.Parse(StopCondition.WhenOption, w))],
        };

    private static string[] Known(ParseResult parsed, Option<string[]> option) =>
        parsed.CommandResult.Command.Options.Contains(option) ? parsed.GetRequiredValue(option) : [];

    private static string? Known(ParseResult parsed, Option<string?> option) =>
        parsed.CommandResult.Command.Options.Contains(option) ? parsed.GetValue(option) : null;
}

/// <summary>Places as the user wrote them; null where the option was not used.</summary>
internal sealed record PlaceChoice(string? DetailedFrom, string? FunctionalFrom, string? CheckpointAt, string? CheckpointFile)
{
    /// <summary>Where the run is to end.</summary>
    public string? StopAt { get; init; }

    /// <summary>The text on the console after which the run is to end.</summary>
    public string? StopOnConsole { get; init; }

    /// <summary>The events at which the run is to end.</summary>
    public IReadOnlyList<EventTest> StopOn { get; init; } = [];

    /// <summary>The conditions at which the run is to end.</summary>
    public IReadOnlyList<RegisterTest> StopWhen { get; init; } = [];

    /// <summary>No places.</summary>
    public static PlaceChoice None { get; } = new(null, null, null, null);

    private static readonly (string Suffix, int Digits)[] Units = [("ms", 12), ("us", 9), ("ns", 6), ("s", 15)];

    /// <summary>The engine switches.</summary>
    /// <exception cref="BadInputException">A place does not exist.</exception>
    public IReadOnlyList<Trigger> Switches(CodePlaces places)
    {
        List<Trigger> triggers = [];
        if (DetailedFrom is { } detailed)
            triggers.Add(new Trigger(places.Resolve("--detailed-from", detailed), EngineKind.Detailed));
        if (FunctionalFrom is { } functional)
            triggers.Add(new Trigger(places.Resolve("--functional-from", functional), EngineKind.Functional));
        return triggers;
    }

    /// <summary>The checkpoint; null for none. That its file can be written is checked here, before long work is done.</summary>
    /// <exception cref="BadInputException">One of the two options is missing, the place does not exist, or the file cannot be written.</exception>
    public CheckpointChoice? Checkpoint(CodePlaces places)
    {
        if (CheckpointAt is null && CheckpointFile is null)
            return null;
        if (CheckpointAt is not { } word)
            throw new BadInputException("--checkpoint", "say when, with --checkpoint-at");
        if (CheckpointFile is not { } path)
            throw new BadInputException("--checkpoint-at", "name the file with --checkpoint");
        CheckpointChoice checkpoint = TryTime(word, out SimTime time)
            ? new CheckpointChoice(path, word, null, time)
            : new CheckpointChoice(path, word, places.Resolve("--checkpoint-at", word), SimTime.Zero);
        WholeFile.CheckWritable(path);
        return checkpoint;
    }

    /// <summary>The end that is wanted; null for the program's own.</summary>
    /// <exception cref="BadInputException">The place does not exist, or the text is empty.</exception>
    public StopCondition? Stop(CodePlaces places)
    {
        if (StopOnConsole is { Length: 0 })
            throw new BadInputException("--stop-on-console", "the text is empty");
        if (StopAt is null && StopOnConsole is null && StopOn.Count == 0 && StopWhen.Count == 0)
            return null;
        SimTime time = SimTime.Zero;
        bool isTime = StopAt is not null && TryTime(StopAt, out time);
        RunPlace? place = StopAt is not null && !isTime ? places.Resolve("--stop-at", StopAt) : null;
        return new StopCondition(place, isTime ? time : null, StopOnConsole) { Events = StopOn, Registers = StopWhen };
    }

    /// <summary>A decimal number with a unit, exact to a femtosecond.</summary>
    public static bool TryTime(string word, out SimTime time)
    {
        time = SimTime.Zero;
        if (word.Length == 0 || !char.IsAsciiDigit(word[0]))
            return false;
        foreach ((string suffix, int digits) in Units)
        {
            if (!word.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            string[] parts = word[..^suffix.Length].Split('.');
            string fraction = parts.Length == 2 ? parts[1] : "";
            if (parts.Length > 2 || fraction.Length > digits || parts[0].Length > 12
                || !UInt128.TryParse(parts[0] + fraction.PadRight(digits, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out UInt128 value))
                return false;
            time = SimTime.FromFemtoseconds(value);
            return true;
        }
        return false;
    }
}
