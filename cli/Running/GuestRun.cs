using System.Diagnostics;
using CoSim.Cli.Clocks;
using CoSim.Cli.Debug;
using CoSim.Cli.Logging;
using CoSim.Cli.Options;
using CoSim.Cli.Recording;
using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Running;

/// <summary>What a run needs.</summary>
/// <param name="Choice">The machine.</param>
/// <param name="BootEngine">The engine that leaves reset.</param>
/// <param name="Files">What the firmware finds in flash.</param>
/// <param name="Firmware">The firmware's flat image.</param>
/// <param name="Engines">Makes the detailed engines, and so decides what watches them.</param>
internal sealed record GuestRunSpec(MachineChoice Choice, EngineKind BootEngine, BootFiles Files, byte[] Firmware, IEngineFactory Engines);

/// <summary>One run of a machine from reset until its program has ended: console, guest requests, statistics.</summary>
internal sealed partial class GuestRun : IMachineHost, IDisposable
{
    /// <summary>The label that init executes when the boot is over: "RUN".</summary>
    private const ulong ProgramStarts = 0x4E5552;

    /// <summary>What a checkpoint tells of the run, beside the machine: bits of one byte.</summary>
    private const int StartedFlag = 1, OwnInitFlag = 2;

    /// <summary>How often the host looks at its terminal, in simulated time.</summary>
    private static readonly SimDuration Slice = SimDuration.FromMilliseconds(10);

    /// <summary>One hour; the HPET wraps every five minutes.</summary>
    private static readonly SimDuration LongestIdleTime = SimDuration.FromSeconds(3600);

    /// <summary>Two days; the RTC's alarm, which ends a suspension, is at most one day away.</summary>
    private static readonly SimDuration LongestSleep = SimDuration.FromSeconds(2 * 86_400);

    private readonly ConsoleOutput _output;
    private readonly IConsoleSource? _input;
    private readonly Stopwatch _host = new();
    private readonly List<string> _unmodelled = [];
    private readonly Machine _machine;
    private readonly InstructionTap? _tap;
    private RunLog? _log;
    private EventSource? _events;
    private bool _reportsEverything;
    private ulong _instructionsSeen;
    private SimTime _lastProgress;

    /// <summary>Builds the machine.</summary>
    public GuestRun(GuestRunSpec spec, ConsoleOutput output, IConsoleSource? input)
        : this(
            new MachineSpec
            {
                Model = spec.Choice.Model,
                Cores = spec.Choice.Cores,
                MemoryBytes = spec.Choice.MemoryBytes,
                Flash = FlashImage.Build(spec.Firmware, [.. spec.Files.FlashEntries.Select(e => new FlashFile(e.Key, e.Value))]),
                Seed = spec.Choice.Seed,
                Engine = spec.BootEngine,
                FunctionalRate = spec.Choice.Rate,
                Translate = spec.Choice.Translate,
            },
            spec.Engines,
            output,
            input)
    {
    }

    /// <summary>Builds a machine of a given kind.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="engines">Makes its detailed engines.</param>
    /// <param name="output">Its console's output.</param>
    /// <param name="input">Its console's input; null for none.</param>
    public GuestRun(MachineSpec spec, IEngineFactory engines, ConsoleOutput output, IConsoleSource? input)
    {
        _output = output;
        _input = input;
        _tap = engines as InstructionTap;
        // Translated code cannot be watched; portable code does the same.
        _machine = new Machine(_tap == null ? spec : spec with { Translate = false }, this, engines) { RestartOnReset = false };
    }

    /// <summary>The machine.</summary>
    public Machine Machine => _machine;

    /// <summary>The images that the run executes, for a recording of instructions; null when nobody wants their names.</summary>
    public RecordedCode? Code { get; set; }

    /// <summary>Whether instructions can be recorded: the machine was built for it.</summary>
    public bool CanReportInstructions => _tap != null;

    /// <summary>Whether the boot is over, so that the console is the program's.</summary>
    public bool ProgramStarted { get; private set; }

    /// <summary>The program's exit status; null while it has not ended.</summary>
    public int? ExitStatus { get; private set; }

    /// <summary>How the programs of init's job ended, so far, and what each wrote.</summary>
    public ProgramOutcomes Programs { get; } = new();

    /// <summary>What the guest touched and the machine does not model, each once.</summary>
    public IReadOnlyList<string> Unmodelled => _unmodelled;

    /// <summary>The checkpoint that is still to be written; null for none.</summary>
    public CheckpointChoice? Checkpoint { get; set; }

    /// <summary>
    /// Whether the guest runs an init of its own, not ours: then input reaches it from the start, and its power-off is a good end.
    /// </summary>
    public bool HasOwnInit { get; set; }

    /// <summary>Receives what firmware writes to the debug console, as it comes; null for nobody.</summary>
    public TextWriter? DebugConsole { get; init; }

    /// <summary>The debugger that has the machine; null for none.</summary>
    public DebugSession? Debugger { get; set; }

    /// <summary>Called when the boot is over, before the program writes anything.</summary>
    public Action? Started { get; set; }

    /// <summary>Is called when the run has ended, while the machine is still there.</summary>
    public Action? Finished { get; set; }

    /// <summary>Hears of every guest request besides the run itself.</summary>
    public Action<int, GuestRequest, ulong>? RequestObserver { get; set; }

    /// <summary>Speed and length of the run so far.</summary>
    public RunStatistics Statistics => new(
        _machine.Now.WholeNanoseconds,
        Instructions,
        _host.Elapsed.Ticks);

    private ulong Instructions => _machine.Instructions;

    /// <summary>Runs until the program has ended, the machine stopped, or <paramref name="proceed"/> says no.</summary>
    /// <param name="proceed">Called after each slice of simulated time.</param>
    /// <returns>Why the machine stopped.</returns>
    public StopReason Run(Func<bool> proceed)
    {
        if (Checkpoint?.Place is { } place)
            _machine.Arm(new Trigger(place, null));
        foreach (StopCondition end in Ends)
        {
            if (end.Place is { } there)
                _machine.Arm(new Trigger(there, null));
        }

        BeginToWatch();
        _host.Start();
        try
        {
            while (true)
            {
                StopReason reason = _machine.Run(NextLimit());
                if (Debugger?.After(reason, RunFailure.Describe(reason, ExitStatus)) is { } after && after != AfterTurn.Proceed)
                {
                    if (after == AfterTurn.Again)
                        continue;
                    Reach(reason);
                    return Stopped(reason);
                }
                bool stops = IsStopDue(reason);
                if (IsCheckpointDue(reason))
                {
                    WriteCheckpoint(Checkpoint!.Path);
                    if (!stops)
                        continue;
                }
                if (stops)
                {
                    Reach(reason);
                    return Stopped(StopReason.Requested);
                }
                if (reason != StopReason.TimeReached)
                    return Stopped(reason);
                _output.Flush();
                if (IsDead())
                    return Stopped(StopReason.Deadlock);
                if (!proceed())
                    return Stopped(StopReason.Requested);
            }
        }
        finally
        {
            _host.Stop();
            _output.Flush();
        }
    }

    /// <summary>Logs from now on what the machine does.</summary>
    /// <param name="log">The log; null for none.</param>
    public void Attach(MachineLog? log)
    {
        if (log == null)
            return;
        _log = new RunLog(log, _machine);
        if (log.Choice.WatchesDevices)
            _machine.DeviceProbe = new DeviceLog(log);
    }

    /// <summary>Arms engine switches.</summary>
    public void Arm(IEnumerable<Trigger> triggers)
    {
        foreach (Trigger trigger in triggers)
            _machine.Arm(trigger);
    }

    /// <summary>Brings the machine to a checkpoint's state.</summary>
    /// <exception cref="SnapshotException">The checkpoint is of another program or another build.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        if (checkpoint.Host.Length != 1 || checkpoint.Host.Span[0] > (StartedFlag | OwnInitFlag))
            throw new SnapshotException("section HOST: not written by 'cosim run'");
        _machine.Restore(checkpoint.State);
        ProgramStarted = (checkpoint.Host.Span[0] & StartedFlag) != 0;
        HasOwnInit = (checkpoint.Host.Span[0] & OwnInitFlag) != 0;
        if (ProgramStarted || HasOwnInit)
            _output.Open();
    }

    /// <summary>The whole machine as it stands, and what this run needs to go on with it.</summary>
    public Checkpoint TakeCheckpoint()
    {
        _output.Flush();
        int flags = (ProgramStarted ? StartedFlag : 0) | (HasOwnInit ? OwnInitFlag : 0);
        return CoSim.Hw.Board.Checkpoint.Of(_machine, new[] { (byte)flags });
    }

    /// <summary>Reports from now on what happens.</summary>
    /// <param name="events">Makes events of it.</param>
    /// <param name="everything">False: only the inputs of the run and its end.</param>
    /// <param name="programClocks">Whether the clocks that programs read are part of everything: recordings of before have none.</param>
    public void Report(EventSource events, bool everything, bool programClocks)
    {
        _events = events;
        _reportsEverything = everything;
        if (everything)
        {
            AddExecutionProbe(events);
            AddDeviceProbe(events);
            if (programClocks)
                WatchProgramClocks(new ProgramClockEvents(events));
        }

        _tap?.Attach(_machine, events.Instructions);
    }

    private StopReason Stopped(StopReason reason)
    {
        _log?.Stopped(reason);
        if (!ReachedFurtherStop)
            _events?.Stop(_machine.Now, reason.ToString(), Instructions, StateDigest.Of(_machine));
        return reason;
    }

    private void WriteCheckpoint(string path)
    {
        Checkpoint = null;
        WholeFile.Write(path, TakeCheckpoint().Write);
    }

    /// <summary>
    /// The next multiple of a slice, or the time of the checkpoint or of the end: the same times in a run that goes on as in one that was resumed.
    /// </summary>
    private SimTime NextLook()
    {
        UInt128 slice = (UInt128)Slice.Femtoseconds;
        SimTime next = SimTime.FromFemtoseconds(((_machine.Now.Femtoseconds / slice) + 1) * slice);
        if (Checkpoint is { Place: null, Time: SimTime time })
            next = SimTime.Min(next, SimTime.Max(time, _machine.Now));
        foreach (StopCondition stop in Ends)
        {
            if (stop.Time is { } end)
                next = SimTime.Min(next, SimTime.Max(end, _machine.Now));
        }

        return next;
    }

    /// <summary>
    /// Whether nothing has executed for so long that nothing ever will: an idle operating system that waits for a timer wakes up
    /// every few minutes, because no timer of the machine reaches farther.
    /// </summary>
    private bool IsDead()
    {
        ulong instructions = Instructions;
        if (instructions != _instructionsSeen)
            (_instructionsSeen, _lastProgress) = (instructions, _machine.Now);
        return _machine.Now - _lastProgress > (_machine.IsAsleep ? LongestSleep : LongestIdleTime);
    }

    /// <inheritdoc/>
    public void Transmit(byte value)
    {
        Await(value);
        if (_repeat.Says())
            return;
        if (_reportsEverything)
            _events?.ConsoleOutput(_machine.Now, value);
        _output.Write(value);
        if (ProgramStarted)
            Programs.Write(value);
    }

    /// <inheritdoc/>
    public bool TryReceive(out byte value)
    {
        value = 0;
        if (!(ProgramStarted || HasOwnInit) || _input == null)
            return false;
        if (_repeat.Asks(out byte? known))
        {
            value = known ?? 0;
            if (known is not null && !_repeat.IsVoid)
                _conditions?.Source.ConsoleInput(_machine.Now, value, _repeat.Asked);
            return known is not null;
        }

        if (!_input.TryTake(out value))
            return false;
        _repeat.Answered(value);
        _events?.ConsoleInput(_machine.Now, value, _repeat.Asked);
        _conditions?.Source.ConsoleInput(_machine.Now, value, _repeat.Asked);
        return true;
    }

    /// <inheritdoc/>
    public bool WaitForInput()
    {
        _output.Flush();
        if (!(ProgramStarted || HasOwnInit) || _input == null)
            return false;
        while (!_repeat.AnswersFollow && !_input.WaitForByte())
        {
            if (Debugger?.WhileWaiting() != true)
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public void OnGuestRequest(int core, GuestRequest request, ulong argument)
    {
        if (!_repeat.IsVoid)
            _conditions?.Source.GuestRequest(_machine.Now, core, (byte)request, argument);
        if (_repeat.Says())
        {
            ProgramStarted |= request == GuestRequest.Label && argument == ProgramStarts;
            if (request == GuestRequest.Exit)
                _machine.RequestStop();
            return;
        }

        if (_reportsEverything)
            _events?.GuestRequest(_machine.Now, core, (byte)request, argument);
        RequestObserver?.Invoke(core, request, argument);
        _log?.Request(core, request, argument);
        if (request == GuestRequest.Label && argument == ProgramStarts)
        {
            ProgramStarted = true;
            Started?.Invoke();
            _output.Open();
        }
        else if (request == GuestRequest.Label)
        {
            Programs.Label(argument);
        }
        else if (request == GuestRequest.Exit)
        {
            ExitStatus = (int)(argument & 0xFF);
            _output.Close();
            _machine.RequestStop();
        }
    }

    /// <inheritdoc/>
    public void OnUnmodelled(string what)
    {
        _unmodelled.Add(what);
        _log?.Unmodelled(what);
    }

    /// <inheritdoc/>
    public void OnFault(string fault, SimTime time, string effect) => _log?.Fault(fault, time, effect);

    /// <inheritdoc/>
    public void OnDebugConsole(byte value)
    {
        if (!_repeat.Says())
            DebugConsole?.Write((char)value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _machine.Dispose();
        _watcher?.Dispose();
    }
}
