using System.Numerics;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>
/// Measures a snippet in a loop on the detailed engine: some copies of the code and a jump back, run until the pattern of
/// retirement repeats. Unless the user chose the number of copies, a loop of as many again is measured too: the difference of
/// both is the cost of the copies alone, without jump and loop (the method of nanoBench).
/// </summary>
/// <param name="core">The core.</param>
/// <param name="engine">Its engine.</param>
/// <param name="request">The snippet.</param>
/// <param name="begin">Lets the engine start at the core's state, with a value of the time-stamp counter.</param>
internal sealed unsafe class SnippetLoop(
    BareCore core, DetailedEngine<LoopProbe> engine, SnippetRequest request, Action<BareCore, DetailedEngine<LoopProbe>, ulong> begin)
{
    /// <summary>A loop has about so many instructions: enough to hide the jump, few enough for the op cache.</summary>
    private const int InstructionsWanted = 48, MostInstructions = 512;

    /// <summary>Runs of a loop that touches new pages of a large mapping each time, and is then measured with the faults for them.</summary>
    private const int MostTries = 3;

    /// <summary>Copies start at all positions of a cache line that they can start at.</summary>
    private const int LineBytes = 64;

    private static readonly IReadOnlySet<ulong> s_nowhere = new HashSet<ulong>();

    /// <summary>Measures.</summary>
    /// <param name="problem">Why there is no result; null when there is.</param>
    public LoopTiming? Measure(out string? problem)
    {
        CodeListing listing = new(request);
        int copies = request.Unroll > 0 ? request.Unroll : Choose(listing);
        bool pair = request.Unroll == 0;
        LoopCode? code = LoopCode.Build(request, listing, pair ? copies * 2 : copies, out problem);
        if (code is null && request.Unroll == 0)
        {
            pair = false;
            copies = 1;
            code = LoopCode.Build(request, listing, 1, out problem);
        }
        if (code is null)
            return null;
        if (Lap(code) is not { } recorder)
        {
            problem = Ended();
            return null;
        }
        LoopRecorder? shorter = null;
        if (pair && recorder.Period > 0 && LoopCode.Build(request, listing, copies, out _) is { } half)
            shorter = Lap(half);
        Fraction lap = PerLap(recorder);
        bool subtract = shorter is { Period: > 0 } && lap.CompareTo(PerLap(shorter)) > 0;
        return new LoopTiming
        {
            CyclesPerIteration = subtract ? (lap - PerLap(shorter!)) / copies : lap / code.Copies,
            IsSteady = recorder.Period > 0,
            Copies = code.Copies,
            ShorterCopies = subtract ? copies : 0,
            Period = recorder.Period,
            WarmUpLaps = recorder.Laps,
            Laps = recorder.RecordedLaps,
            Cycles = recorder.RecordedCycles,
            Record = recorder.Record!,
            Jump = JumpOf(code),
        };
    }

    private static Fraction PerLap(LoopRecorder recorder) => new(recorder.RecordedCycles, recorder.RecordedLaps);

    private int Choose(CodeListing listing)
    {
        int instructions = Math.Max(1, listing.Count);
        int copies = Math.Max(1, (InstructionsWanted + instructions - 1) / instructions);
        int whole = LineBytes / (int)BigInteger.GreatestCommonDivisor(LineBytes, request.Code.Length);
        int rounded = (copies + whole - 1) / whole * whole;
        return rounded * instructions <= MostInstructions ? rounded : copies;
    }

    private ulong JumpOf(LoopCode code) => (request.Mode == BareMode.Real16 ? request.At & 0xFFFF : request.At) + (ulong)code.Jump;

    /// <summary>Runs a loop; null when it did not get far enough to be recorded.</summary>
    private LoopRecorder? Lap(LoopCode code)
    {
        int touched;
        LoopRecorder? recorder;
        int tries = 0;
        do
        {
            touched = core.TouchedPages;
            recorder = LapOnce(code);
        }
        while (core.TouchedPages > touched && ++tries < MostTries);
        return recorder;
    }

    private LoopRecorder? LapOnce(LoopCode code)
    {
        SnippetSetup.Apply(core, request, code.Bytes);
        begin(core, engine, core.State->TscOffset);
        engine.Cold();
        int lapsWanted = (request.Timeline + code.Copies - 1) / code.Copies;
        LoopRecorder recorder = new(JumpOf(code), lapsWanted, request.Timeline > 0, engine.RequestStop);
        engine.Probe.Listener = recorder;
        _stop = core.Run(engine, s_nowhere, request.MaxInstructions);
        engine.Probe.Listener = null;
        engine.Quiesce();
        return recorder.IsComplete ? recorder : null;
    }

    private BareStop _stop;

    private string Ended() => _stop switch
    {
        BareStop.Exception => $"exception {core.Exception!.Vector} at 0x{core.Exception.Rip:x} when the code is repeated",
        BareStop.Limit => "the limit of instructions was reached before anything repeated",
        _ => "the code halts when it is repeated",
    };
}
