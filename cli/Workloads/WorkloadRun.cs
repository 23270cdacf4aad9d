using System.Globalization;
using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Workloads;

/// <summary>One replay of a workload: machine, guest program, measurements.</summary>
internal sealed class WorkloadRun : IDisposable
{
    private const string TablePath = "run/workload";
    private const string Program = "workload";

    private readonly GuestRun _run;
    private readonly ConsoleOutput _console;
    private readonly MemoryStream _programOutput = new();
    private readonly Workload _workload;
    private readonly WorkloadCollector _collector;
    private readonly WorkloadConfiguration _configuration;
    private readonly bool _detailed;

    /// <summary>Builds the machine with the workload in it.</summary>
    /// <param name="system">The operating system.</param>
    /// <param name="configuration">Clocksource and time namespace.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="bootEngine">Engine that leaves reset.</param>
    /// <param name="workload">What is replayed.</param>
    /// <param name="offsets">Offsets of the time namespace; null for the root one.</param>
    /// <param name="cold">Whether caches and predictors are emptied before each measured call.</param>
    /// <exception cref="BadInputException">An image of the build is missing.</exception>
    public WorkloadRun(StudySystem system, WorkloadConfiguration configuration, MachineChoice machine, EngineKind bootEngine, Workload workload, TimeNamespaceOffsets? offsets, bool cold)
    {
        _workload = workload;
        _configuration = configuration;
        _detailed = machine.Engine == EngineKind.Detailed;
        _console = new ConsoleOutput(_programOutput, translate: true, open: false);
        _collector = new WorkloadCollector(workload, machine.Cores, machine.Model.BaseMegahertz, _detailed);
        string[] words =
        [
            "/bin/" + Program,
            "table=/" + TablePath,
            string.Create(CultureInfo.InvariantCulture, $"source={(int)configuration.Source}"),
            string.Create(CultureInfo.InvariantCulture, $"cores={machine.Cores}"),
            _detailed ? "detailed=1" : "detailed=0",
            cold ? "cold=1" : "cold=0",
        ];
        BootFiles files = system.Boot(new InitJob(words, offsets?.ToString(), Echo: false) { Files = [new(TablePath, workload.Table(machine.Model.BaseMegahertz))] });
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        DetailedEngines<WorkloadProbe> engines = new(machine.Model, machine.Cores, core => new WorkloadProbe(_collector, core.Index));
        _run = new GuestRun(new GuestRunSpec(machine, bootEngine, files, GuestImages.Read(images.FirmwarePath), engines), _console, null);
        _run.Machine.ExecutionProbe = _collector;
        if (!_detailed)
            _run.RequestObserver = MeasureOnFunctionalEngine;
    }

    /// <summary>What was found so far.</summary>
    public WorkloadResult Result => new(_configuration, _collector.Rows, _collector.Threads, _detailed ? CauseNames.Detailed : [], _collector.Abandoned);

    /// <summary>Speed and length of the run.</summary>
    public RunStatistics Statistics => _run.Statistics;

    /// <summary>Runs to the end of the workload.</summary>
    /// <returns>0, or the exit status of a replay that is not complete.</returns>
    public int Run(StatusLine progress, TextWriter error)
    {
        progress.Phase($"{_configuration}:");
        StopReason reason = _run.Run(() =>
        {
            progress.Progress(_collector.Completed, _workload.Measured);
            return true;
        });
        progress.Dispose();
        if (_run.ExitStatus is not { } status)
            return RunFailure.Report(_run, reason, _console, error);
        if (status != 0)
            RunFailure.RepeatComplaints(_programOutput, Program, error);
        return status;
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    private void MeasureOnFunctionalEngine(int core, GuestRequest request, ulong argument)
    {
        ulong cycle = _run.Machine.Cores[core].Cycle;
        if (request == GuestRequest.SpanBegin)
            _collector.Begin(core, argument, cycle);
        else if (request == GuestRequest.SpanEnd)
            _collector.End(core, argument, cycle);
    }
}
