using System.Text;
using CoSim.Cli.Stops;
using CoSim.Traces.Format;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Scenarios.Timeline;

/// <summary>Puts the console's bytes together to lines, and passes on everything else as it comes.</summary>
/// <param name="next">Takes the events.</param>
internal sealed class TimelineEvents(IEventSink next) : IEventSink
{
    /// <summary>No kind of a trace has this number.</summary>
    private const byte LineNumber = EventKind.MaxId - 1;

    /// <summary>A line of the console, at the time of its last byte.</summary>
    private static readonly EventKind s_line = new(LineNumber, "console-line", [new("text", FieldType.Text)]);

    private readonly StringBuilder _line = new();

    /// <summary>The kinds that a step can name.</summary>
    public static IReadOnlyList<EventKind> Kinds { get; } = [.. EventTest.WhileRunning, s_line];

    /// <inheritdoc/>
    public void Add(in TraceEvent e)
    {
        next.Add(in e);
        if (e.Kind.Name != TraceEvents.ConsoleOutput.Name)
            return;
        char written = (char)e.Values[0];
        if (written != '\n')
        {
            _line.Append(written);
            return;
        }
        next.Add(new TraceEvent(s_line, e.Time) { Text = _line.ToString().TrimEnd() });
        _line.Clear();
    }
}
