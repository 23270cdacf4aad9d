using System.Globalization;
using CoSim.Cli.Logging;
using CoSim.Cli.Options;
using CoSim.Cli.Study;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Running;

/// <summary>One run of the clock_gettime study: machine, workload, measurements.</summary>
internal sealed class StudyRun : IDisposable
{
    private readonly GuestRun _run;
    private readonly ConsoleOutput _console;
    private readonly MemoryStream _programOutput = new();
    private readonly MachineChoice _machine;
    private readonly StudyChoice _choice;
    private readonly SpanCollector _spans;
    private readonly int _expected;
    private readonly StudySystem _system;
    private readonly GuestCodeReader _code;

    /// <summary>Builds the machine with the workload in it.</summary>
    /// <param name="system">The operating system.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="bootEngine">Engine that leaves reset.</param>
    /// <param name="choice">What is measured.</param>
    /// <param name="places">Where engines change.</param>
    /// <param name="log">Receives what the machine does; null for no log.</param>
    /// <exception cref="BadInputException">An image of the build is missing, or a place is not to be found.</exception>
    public StudyRun(StudySystem system, MachineChoice machine, EngineKind bootEngine, StudyChoice choice, PlaceChoice places, MachineLog? log)
    {
        _machine = machine;
        _choice = choice;
        _system = system;
        _expected = choice.Configurations().Count() * choice.Calls;
        _console = new ConsoleOutput(_programOutput, translate: true, open: false);
        bool detailed = machine.Engine == EngineKind.Detailed;
        _spans = new SpanCollector(machine.Cores, detailed ? CauseNames.Detailed : CauseNames.Functional);
        BootFiles files = system.Boot(new InitJob(Words(choice, detailed), null, Echo: false));
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        GuestRunSpec spec = new(machine, bootEngine, files, GuestImages.Read(images.FirmwarePath), DetailedEngines.Study(machine.Model, machine.Cores, _spans));
        IReadOnlyList<Trigger> switches = places.Switches(system.Places);
        _run = new GuestRun(spec, _console, null);
        _code = system.ReaderOf(_run.Machine);
        _spans.Code = _code;
        _run.Arm(switches);
        _run.Attach(log);
        if (!detailed)
            _run.RequestObserver = MeasureOnFunctionalEngine;
    }

    /// <summary>What was found so far.</summary>
    public StudyReport Report => new(_system.Name, _machine, _choice, _spans, _system.Map(_run.Machine, _code));

    /// <summary>Speed and length of the run.</summary>
    public RunStatistics Statistics => _run.Statistics;

    /// <summary>Runs to the end of the workload.</summary>
    /// <returns>0, or the exit status of a study that is not complete.</returns>
    public int Run(StatusLine progress, TextWriter error)
    {
        progress.Phase("booting");
        bool measuring = false;
        StopReason reason = _run.Run(() =>
        {
            if (!measuring && _spans.Completed > 0)
            {
                measuring = true;
                progress.Phase("measuring");
            }
            if (measuring)
                progress.Progress(_spans.Completed, _expected);
            else
                progress.Progress(_run.Statistics);
            return true;
        });
        progress.Dispose();
        if (_run.ExitStatus is not { } status)
            return RunFailure.Report(_run, reason, _console, error);
        if (status != 0)
            RunFailure.RepeatComplaints(_programOutput, "clockstudy", error);
        return status;
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    private static string[] Words(StudyChoice choice, bool detailed) =>
    [
        "/bin/clockstudy",
        string.Create(CultureInfo.InvariantCulture, $"calls={choice.Calls}"),
        detailed ? "detailed=1" : "detailed=0",
        "clocks=" + string.Join(',', choice.Clocks),
        "sources=" + string.Join(',', choice.Sources.Select(v => (int)v)),
        "namespaces=" + string.Join(',', choice.Namespaces.Select(v => (int)v)),
        "paths=" + string.Join(',', choice.Paths.Select(v => (int)v)),
        "caches=" + string.Join(',', choice.Caches.Select(v => (int)v)),
    ];

    /// <summary>The functional engine has no probe: a span is the cycles between its markers, charged to its end.</summary>
    private void MeasureOnFunctionalEngine(int core, GuestRequest request, ulong argument)
    {
        ulong cycle = _run.Machine.Cores[core].Cycle;
        if (request == GuestRequest.SpanBegin)
        {
            _spans.Begin(core, argument, cycle);
        }
        else if (request == GuestRequest.SpanEnd)
        {
            _spans.ChargeRest(core, 0, cycle);
            _spans.End(core, argument, cycle);
        }
    }
}
