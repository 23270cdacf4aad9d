using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Stops;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Trace;

/// <summary>Which events of a trace the user wants.</summary>
/// <param name="Kinds">Names of kinds; empty for all.</param>
/// <param name="Cores">Cores; empty for all, and for what belongs to no core.</param>
/// <param name="Text">A part of the event's text (a timer's, a clock's, a line's name); null for any.</param>
/// <param name="From">The earliest time.</param>
/// <param name="Until">The first time that is too late.</param>
internal sealed record EventFilter(IReadOnlyList<string> Kinds, IReadOnlyList<int> Cores, string? Text, SimTime From, SimTime Until)
{
    /// <summary>Bits of CR3 that are no address: flags, or a process-context identifier (AMD64 APM volume 2, 5.3.2 and 5.5.1).</summary>
    public const ulong ContextBits = 0xFFF;

    /// <summary>Tests of which an event must pass one; empty for any event.</summary>
    public IReadOnlyList<string> Where { get; init; } = [];

    /// <summary>The page table that the event's core must use, without its low 12 bits; null for any.</summary>
    public ulong? PageTable { get; init; }

    /// <summary>The wanted events, in the trace's order.</summary>
    /// <exception cref="BadInputException">A kind of that name is not in the trace.</exception>
    public IEnumerable<TraceEvent> Of(TraceReader trace)
    {
        foreach (string kind in Kinds)
        {
            if (trace.Header.Kinds.All(k => k.Name != kind))
                throw new BadInputException("--kinds", $"no kind '{kind}'; the trace has {string.Join(", ", trace.Header.Kinds.Select(k => k.Name))}");
        }

        EventTest[] tests = [.. Where.Select(w => EventTest.Parse("--where", w, trace.Header.Kinds))];
        IEnumerable<TraceEvent> events = PageTable is { } table ? Using(table, trace.Events()) : trace.EventsFrom(From);
        return events.Where(e => Wants(e) && (tests.Length == 0 || tests.Any(t => t.Holds(in e))));
    }

    /// <summary>Events of cores while they use a page table, the changes to it and away from it included.</summary>
    private static IEnumerable<TraceEvent> Using(ulong table, IEnumerable<TraceEvent> events)
    {
        HashSet<int> cores = [];
        foreach (TraceEvent e in events)
        {
            int core = e.Core;
            bool used = cores.Contains(core);
            if (e.Kind.Name == TraceEvents.AddressSpace.Name)
                _ = (e.Number("cr3") & ~ContextBits) == table ? cores.Add(core) : cores.Remove(core);
            if (used || cores.Contains(core))
                yield return e;
        }
    }

    private bool Wants(TraceEvent e) =>
        e.Time < Until
        && e.Time >= From
        && (Kinds.Count == 0 || Kinds.Contains(e.Kind.Name))
        && (Cores.Count == 0 || Cores.Contains(e.Core))
        && (Text == null || e.Text?.Contains(Text, StringComparison.Ordinal) == true);
}

/// <summary>The options that choose events.</summary>
internal sealed class EventFilterOptions
{
    private readonly Option<string?> _kinds = new("--kinds") { Description = "Only events of these kinds, separated by commas: clock-read,timer-expired,...", HelpName = "KINDS" };
    private readonly Option<string?> _text = new("--text") { Description = "Only events whose text (timer, clock, line) contains this.", HelpName = "TEXT" };
    private readonly Option<string[]> _where = new("--where")
    {
        Description = "Only events of a kind with these values of fields; =, !=, <, <=, >, >=, and ~ for texts that contain. May be repeated: any of them.",
        HelpName = "EVENT[:FIELD=VALUE,...]",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _table = new("--cr3") { Description = "Only events of cores while they used this page table: those of one process (address-space events name them).", HelpName = "ADDRESS" };
    private readonly Option<int[]> _cores = new("--core") { Description = "Only events of this core; may be repeated.", HelpName = "N", DefaultValueFactory = _ => [] };
    private readonly Option<Seconds> _from = Time("--from", "Only events from this simulated time on, in seconds.", 0);
    private readonly Option<Seconds> _until = Time("--until", "Only events before this simulated time, in seconds.", Seconds.MaximumSeconds);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_kinds, _where, _text, _cores, _table, _from, _until])
            command.Add(option);
    }

    /// <summary>What the user chose.</summary>
    public EventFilter Read(ParseResult parsed) => new(
        (parsed.GetValue(_kinds) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        parsed.GetRequiredValue(_cores),
        parsed.GetValue(_text),
        At(parsed.GetRequiredValue(_from)),
        At(parsed.GetRequiredValue(_until)))
    {
        Where = parsed.GetRequiredValue(_where),
        PageTable = parsed.GetValue(_table) is { } table ? TableOf(table) : null,
    };

    private static ulong TableOf(string word)
    {
        return ValueTest.TryNumber(word, out ulong table) ? table & ~EventFilter.ContextBits : throw new BadInputException($"--cr3 '{word}'", "must be a number, or hexadecimal behind 0x");
    }

    private static SimTime At(Seconds seconds) => SimTime.FromFemtoseconds(seconds.Nanoseconds * (UInt128)SimDuration.FemtosecondsPerNanosecond);

    private static Option<Seconds> Time(string name, string description, ulong seconds) => new(name)
    {
        Description = description,
        HelpName = "SECONDS",
        DefaultValueFactory = _ => new Seconds((UInt128)seconds * 1_000_000_000),
        CustomParser = result => Seconds.TryParse(MachineOptions.Word(result))
            ?? MachineOptions.Fail<Seconds>(result, $"must be seconds from 0 to {Seconds.MaximumSeconds} with at most 9 decimals"),
    };
}
