using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace CoSim.Cli.Logging;

/// <summary>The log of one run: filters events by level, component and simulated time, and writes them beside the simulation.</summary>
public sealed class MachineLog : IDisposable
{
    private static readonly MessageTemplateParser Parser = new();

    private readonly Dictionary<string, MessageTemplate> _templates = [];
    private readonly Logger _target;
    private readonly ChannelSink _channel;
    private readonly Logger _logger;

    private MachineLog(LogChoice choice, Logger target)
    {
        Choice = choice;
        _target = target;
        _channel = new ChannelSink(target);
        _logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(_channel).CreateLogger();
    }

    /// <summary>What is logged.</summary>
    public LogChoice Choice { get; }

    /// <summary>Opens the log; null when the user wants none.</summary>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static MachineLog? Open(LogChoice choice) => choice.Path switch
    {
        null => null,
        LogChoice.StandardError => new MachineLog(choice, ToStandardError()),
        string path => new MachineLog(choice, ToFile(path)),
    };

    /// <summary>A log that goes to a sink instead of a file.</summary>
    public static MachineLog To(LogChoice choice, ILogEventSink sink) =>
        new(choice, new LoggerConfiguration().MinimumLevel.Verbose().AuditTo.Sink(sink).CreateLogger());

    /// <summary>Logs one thing that a component did.</summary>
    /// <param name="component">The component's name.</param>
    /// <param name="time">When it did it.</param>
    /// <param name="level">How important it is.</param>
    /// <param name="template">A constant text with {names} of the values.</param>
    /// <param name="values">Names and values, in the template's order.</param>
    public void Write(string component, SimTime time, LogEventLevel level, string template, params ReadOnlySpan<(string Name, object Value)> values)
    {
        if (!Choice.Wants(component, time, level))
            return;
        List<LogEventProperty> properties =
        [
            new(SimulatedTimeFormatter.TimeProperty, new ScalarValue(time.ToString())),
            new(Constants.SourceContextPropertyName, new ScalarValue(component)),
        ];
        foreach ((string name, object value) in values)
            properties.Add(new LogEventProperty(name, new ScalarValue(value)));
        // The event's own time is a constant: nothing of the host's clock enters a log.
        _logger.Write(new LogEvent(DateTimeOffset.UnixEpoch, level, null, Parsed(template), properties));
    }

    /// <summary>Waits until everything is written, and tells what could not be.</summary>
    /// <param name="error">Receives one line when the log is not complete.</param>
    public void Close(TextWriter error)
    {
        Dispose();
        if (_channel.Failure is { } cause)
            error.WriteLine($"cosim: {Choice.Path}: the log is not complete: {cause.Message.TrimEnd('.')}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _logger.Dispose();
        _channel.Dispose();
        _target.Dispose();
    }

    private static Logger ToStandardError() => new LoggerConfiguration()
        .MinimumLevel.Verbose()
        .WriteTo.Console(new SimulatedTimeFormatter(), standardErrorFromLevel: LogEventLevel.Verbose)
        .CreateLogger();

    private static Logger ToFile(string path)
    {
        WholeFile.CheckWritable(path);
        // The sink appends; a log has one run. Unlike results it is not written aside: it must be there when a run is broken off.
        File.Delete(path);
        return new LoggerConfiguration().MinimumLevel.Verbose().AuditTo.File(new SimulatedTimeFormatter(), path).CreateLogger();
    }

    private MessageTemplate Parsed(string template)
    {
        if (!_templates.TryGetValue(template, out MessageTemplate? parsed))
            _templates[template] = parsed = Parser.Parse(template);
        return parsed;
    }
}
