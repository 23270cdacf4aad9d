using System.Diagnostics;
using CoSim.Cli.Options;
using CoSim.Cli.Terminal;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Running;

/// <summary>What a run needs.</summary>
/// <param name="Choice">The machine.</param>
/// <param name="BootEngine">The engine that leaves reset.</param>
/// <param name="Files">What the firmware finds in flash.</param>
/// <param name="Firmware">The firmware's flat image.</param>
/// <param name="Engines">Makes the detailed engines, and so decides what watches them.</param>
internal sealed record GuestRunSpec(MachineChoice Choice, EngineKind BootEngine, BootFiles Files, byte[] Firmware, IEngineFactory Engines);

/// <summary>One run of a machine from reset until its program has ended: console, guest requests, statistics.</summary>
internal sealed class GuestRun : IMachineHost, IDisposable
{
    /// <summary>The label that init executes when the boot is over: "RUN".</summary>
    private const ulong ProgramStarts = 0x4E5552;

    /// <summary>How often the host looks at its terminal, in simulated time.</summary>
    private static readonly SimDuration Slice = SimDuration.FromMilliseconds(10);

    /// <summary>One hour; the HPET wraps every five minutes.</summary>
    private static readonly SimDuration LongestIdleTime = SimDuration.FromSeconds(3600);

    private readonly ConsoleOutput _output;
    private readonly ConsoleInput? _input;
    private readonly Stopwatch _host = new();
    private readonly List<string> _unmodelled = [];
    private readonly Machine _machine;
    private ulong _instructionsSeen;
    private SimTime _lastProgress;

    /// <summary>Builds the machine.</summary>
    public GuestRun(GuestRunSpec spec, ConsoleOutput output, ConsoleInput? input)
    {
        _output = output;
        _input = input;
        byte[] flash = FlashImage.Build(spec.Firmware, [.. spec.Files.FlashEntries.Select(e => new FlashFile(e.Key, e.Value))]);
        _machine = new Machine(
            new MachineSpec
            {
                Model = spec.Choice.Model,
                Cores = spec.Choice.Cores,
                MemoryBytes = spec.Choice.MemoryBytes,
                Flash = flash,
                Seed = spec.Choice.Seed,
                Engine = spec.BootEngine,
            },
            this,
            spec.Engines)
        { RestartOnReset = false };
    }

    /// <summary>The machine.</summary>
    public Machine Machine => _machine;

    /// <summary>Whether the boot is over, so that the console is the program's.</summary>
    public bool ProgramStarted { get; private set; }

    /// <summary>The program's exit status; null while it has not ended.</summary>
    public int? ExitStatus { get; private set; }

    /// <summary>What the guest touched and the machine does not model, each once.</summary>
    public IReadOnlyList<string> Unmodelled => _unmodelled;

    /// <summary>Hears of every guest request besides the run itself.</summary>
    public Action<int, GuestRequest, ulong>? RequestObserver { get; set; }

    /// <summary>Hears at once of what is not modelled.</summary>
    public Action<string>? UnmodelledObserver { get; set; }

    /// <summary>Speed and length of the run so far.</summary>
    public RunStatistics Statistics => new(
        _machine.Now.WholeNanoseconds,
        Instructions,
        _host.Elapsed.Ticks);

    private ulong Instructions => _machine.Cores.Aggregate(0UL, (sum, core) => sum + core.Instructions);

    /// <summary>Runs until the program has ended, the machine stopped, or <paramref name="proceed"/> says no.</summary>
    /// <param name="proceed">Called after each slice of simulated time.</param>
    /// <returns>Why the machine stopped.</returns>
    public StopReason Run(Func<bool> proceed)
    {
        _host.Start();
        try
        {
            while (true)
            {
                StopReason reason = _machine.Run(_machine.Now + Slice);
                if (reason != StopReason.TimeReached)
                    return reason;
                _output.Flush();
                if (IsDead())
                    return StopReason.Deadlock;
                if (!proceed())
                    return StopReason.Requested;
            }
        }
        finally
        {
            _host.Stop();
            _output.Flush();
        }
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
        return _machine.Now - _lastProgress > LongestIdleTime;
    }

    /// <inheritdoc/>
    public void Transmit(byte value) => _output.Write(value);

    /// <inheritdoc/>
    public bool TryReceive(out byte value)
    {
        value = 0;
        return ProgramStarted && _input != null && _input.TryTake(out value);
    }

    /// <inheritdoc/>
    public bool WaitForInput()
    {
        _output.Flush();
        return ProgramStarted && _input != null && _input.WaitForByte();
    }

    /// <inheritdoc/>
    public void OnGuestRequest(int core, GuestRequest request, ulong argument)
    {
        RequestObserver?.Invoke(core, request, argument);
        if (request == GuestRequest.Label && argument == ProgramStarts)
        {
            ProgramStarted = true;
            _output.Open();
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
        UnmodelledObserver?.Invoke(what);
    }

    /// <inheritdoc/>
    public void Dispose() => _machine.Dispose();
}
