using System.Globalization;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;
using CoSim.Traces.Format;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Recording;

/// <summary>Writes the trace of one run: first the whole machine as it stands, then what happens.</summary>
internal sealed class RunRecording : IDisposable
{
    /// <summary>Name of the checkpoint in the trace.</summary>
    public const string MachineData = "machine";

    private readonly string _path;
    private readonly FileStream _file;
    private readonly EventChannel _channel;

    private RunRecording(string path, FileStream file, TraceWriter trace)
    {
        _path = path;
        _file = file;
        Trace = trace;
        _channel = new EventChannel(trace);
    }

    private TraceWriter Trace { get; }

    /// <summary>Begins to record a run that has not begun to run.</summary>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static RunRecording? Start(RecordChoice? choice, GuestRun run)
    {
        if (choice == null)
            return null;
        WholeFile.CheckWritable(choice.Path);
        FileStream file = new(choice.Path, FileMode.Create, FileAccess.Write, FileShare.Read);
        TraceWriter trace = new(file, new TraceHeader(choice.Level, RunFacts.Of(run), TraceEvents.All));
        MemoryStream machine = new();
        run.TakeCheckpoint().Write(machine);
        trace.WriteData(MachineData, machine.GetBuffer().AsSpan(0, (int)machine.Length));
        RunRecording recording = new(choice.Path, file, trace);
        run.Report(new EventSource(recording._channel), everything: choice.Level >= TraceLevel.Events);
        return recording;
    }

    /// <summary>Ends the trace and says where it is and how large.</summary>
    public void Finish(TextWriter error)
    {
        _channel.Dispose();
        if (_channel.Failure is { } failure)
            error.WriteLine($"cosim: {_path}: the trace is cut short: {failure.Message.TrimEnd('.')}");
        else
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cosim: {_path}: {Trace.Events} events in {Trace.Bytes} bytes"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _file.Dispose();
    }
}
