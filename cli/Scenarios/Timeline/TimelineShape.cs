using System.Text.Json;
using CoSim.Cli.Scenarios.Shapes;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Cli.Stops;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Timeline;

/// <summary>What <see cref="TimelineStep"/> looks like in a scenario.</summary>
internal static class TimelineShape
{
    private const int Most = 64;

    private static readonly Shape<TimelineStep> Step = new RecordShape<TimelineStep>(_ => new TimelineStep())
        .Must("event", new EventShape(), "The event, as 'cosim trace cat --where' takes it; 'console-line' is a line of the console.", (s, v) => s with { Event = v })
        .May("occurrence", new IntegerShape(1, long.MaxValue), "Which of the events that pass, counted from the step before; the next unless it is said.", (s, v) => s with { Occurrence = (ulong)v })
        .Must("shows", ScenarioShapes.Text, "What is said of it; '{value}' stands for the event's field 'value'.", (s, v) => s with { Shows = v });

    /// <summary>All steps, in the order in which they happen.</summary>
    public static readonly Shape<IReadOnlyList<TimelineStep>> Steps = new ListShape<TimelineStep>(Step, 1, Most);

    /// <summary>A test of events.</summary>
    private sealed class EventShape : Shape<EventTest>
    {
        public override EventTest Read(YamlNode node)
        {
            string text = ScenarioShapes.Text.Read(node);
            try
            {
                return EventTest.Parse("event", text, TimelineEvents.Kinds);
            }
            catch (BadInputException e)
            {
                throw node.Place.Error(e.Message);
            }
        }

        public override void WriteSchema(Utf8JsonWriter json)
        {
            json.WriteString("type", "string");
            json.WriteString("pattern", $"^({string.Join('|', TimelineEvents.Kinds.Select(k => k.Name))})(:.*)?$");
        }
    }
}
