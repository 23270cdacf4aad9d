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
    private readonly TraceRecorder _recorder;
    private readonly RecordChannel _channel;

    private RunRecording(string path, FileStream file, TraceWriter trace, Action<TraceWriter> begin)
    {
        _path = path;
        _file = file;
        Trace = trace;
        _recorder = new TraceRecorder(trace, begin);
        _channel = new RecordChannel(_recorder);
    }

    private TraceWriter Trace { get; }

    /// <summary>Begins to record a run that has not begun to run.</summary>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static RunRecording? Start(RecordChoice? choice, GuestRun run) => choice == null ? null : Start(choice, run, []);

    /// <summary>Begins to record a run that has not begun to run, with more facts than the run itself states.</summary>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static RunRecording Start(RecordChoice choice, GuestRun run, IReadOnlyList<KeyValuePair<string, string>> facts)
    {
        if (choice.Level >= TraceLevel.Retire && !run.CanReportInstructions)
            throw new BadInputException("--record-level", "instructions are not recorded with this way to boot; record 'events'");
        WholeFile.CheckWritable(choice.Path);
        FileStream file = new(choice.Path, FileMode.Create, FileAccess.Write, FileShare.Read);
        TraceWriter trace = new(file, new TraceHeader(choice.Level, [.. RunFacts.Of(run), .. facts], TraceEvents.All));
        Checkpoint machine = run.TakeCheckpoint();
        bool withInstructions = choice.Level >= TraceLevel.Retire;
        SymbolImage[]? images = withInstructions && run.Code is { } named ? [.. named.Images] : null;
        RunRecording recording = new(choice.Path, file, trace, t => WriteData(t, machine, images));
        InstructionSource? instructions = withInstructions ? new InstructionSource(recording._channel)
        {
            Path = new PathSource(recording._channel),
            Locate = run.Code is { } code ? (core, rip) => code.Locate(run.Machine, core, rip) : null,
        } : null;
        run.Report(new EventSource(recording._channel) { Instructions = instructions }, everything: choice.Level >= TraceLevel.Events, programClocks: true);
        return recording;
    }

    /// <summary>Compressing a machine takes as long as many instructions: it is done while the run goes on.</summary>
    private static void WriteData(TraceWriter trace, Checkpoint machine, SymbolImage[]? images)
    {
        MemoryStream file = new();
        machine.Write(file);
        trace.WriteData(MachineData, file.GetBuffer().AsSpan(0, (int)file.Length));
        if (images != null)
            trace.WriteData(TraceSymbols.DataName, TraceSymbols.Write(images));
    }

    /// <summary>Ends the trace and says where it is and how large.</summary>
    public void Finish(TextWriter error)
    {
        _channel.Finish();
        if (_recorder.Failure is { } failure)
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
