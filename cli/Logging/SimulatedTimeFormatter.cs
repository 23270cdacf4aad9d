using Serilog.Events;
using Serilog.Formatting;

namespace CoSim.Cli.Logging;

/// <summary>
/// One line per event: simulated seconds, level, component, message. The event's own timestamp is not shown: it would be the
/// host's clock, and two runs would differ.
/// </summary>
public sealed class SimulatedTimeFormatter : ITextFormatter
{
    /// <summary>Name of the property that holds the simulated time as text.</summary>
    public const string TimeProperty = "SimTime";

    private const int ComponentWidth = 8;

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write(Text(logEvent, TimeProperty));
        output.Write(' ');
        output.Write(Word(logEvent.Level));
        output.Write(' ');
        output.Write(Text(logEvent, Serilog.Core.Constants.SourceContextPropertyName).PadRight(ComponentWidth));
        output.Write(' ');
        output.Write(logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture));
        output.Write('\n');
    }

    private static string Text(LogEvent logEvent, string property) =>
        logEvent.Properties.TryGetValue(property, out LogEventPropertyValue? value) && value is ScalarValue { Value: string text } ? text : "";

    private static string Word(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "VRB",
        LogEventLevel.Debug => "DBG",
        LogEventLevel.Information => "INF",
        LogEventLevel.Warning => "WRN",
        LogEventLevel.Error => "ERR",
        _ => "FTL",
    };
}
