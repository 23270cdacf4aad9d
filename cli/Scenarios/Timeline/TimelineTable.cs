using System.Globalization;
using System.Text.RegularExpressions;
using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Format;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Scenarios.Timeline;

/// <summary>
/// A run told as the steps that its scenario names: microseconds since the first step, core cycles since the step before (rounded down, at the
/// frequency that the processor has out of reset), the core where the event has one, and what happens.
/// </summary>
/// <param name="scenario">What is run, and its steps.</param>
internal sealed partial class TimelineTable(Scenario scenario) : IEventSink
{
    private const long FemtosecondsPerPicosecond = 1000;

    private readonly Frequency _core = scenario.Machine.Choice.Model.Base;
    private readonly TextTable _table = new TextTable().Numbers("us").Numbers("+cycles").Numbers("core").Words("what happens");
    private int _step;
    private ulong _seen;
    private SimTime _first, _before;

    /// <inheritdoc/>
    public void Add(in TraceEvent e)
    {
        if (_step == scenario.Timeline.Count)
            return;
        TimelineStep step = scenario.Timeline[_step];
        if (!step.Event!.Holds(in e) || ++_seen < step.Occurrence)
            return;
        if (_step == 0)
            _first = _before = e.Time;
        string core = e.Core < 0 ? "" : e.Core.ToString(CultureInfo.InvariantCulture);
        _table.Row(Microseconds(e.Time - _first), _core.TicksIn((UInt128)(e.Time - _before).Femtoseconds).ToString(CultureInfo.InvariantCulture), core, Text(step, e));
        _before = e.Time;
        _seen = 0;
        _step++;
    }

    /// <summary>The table of a run that is over.</summary>
    /// <exception cref="BadInputException">A step did not happen.</exception>
    public TextTable Finish()
    {
        if (_step == scenario.Timeline.Count)
            return _table;
        TimelineStep missing = scenario.Timeline[_step];
        throw scenario.Place.Error(string.Create(CultureInfo.InvariantCulture, $"timeline: step {_step + 1}, '{missing.Event}' ({missing.Shows}), happened {_seen} times after the step before, not {missing.Occurrence}"));
    }

    private static string Text(TimelineStep step, TraceEvent e) =>
        Field().Replace(step.Shows, match => e.Kind.IndexOf(match.Groups[1].Value) is int index and >= 0 ? e.Show(index) : match.Value);

    private static string Microseconds(SimDuration time)
    {
        ulong picoseconds = (ulong)(time.Femtoseconds / FemtosecondsPerPicosecond);
        return string.Create(CultureInfo.InvariantCulture, $"{picoseconds / 1_000_000}.{picoseconds / 1000 % 1000:D3}");
    }

    [GeneratedRegex(@"\{([a-z0-9-]+)\}")]
    private static partial Regex Field();
}
