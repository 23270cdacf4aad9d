using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>Runs snippets, one after the other, on one core that is set up anew for each: results do not depend on what ran before.</summary>
/// <param name="model">The processor.</param>
internal sealed unsafe class SnippetRunner(EpycModel model) : IDisposable
{
    /// <summary>Cycles between two detailed runs: longer than anything that one may leave on its way.</summary>
    private const ulong Settling = 100_000;

    private BareCore? _core;
    private DetailedEngine<LoopProbe>? _engine;

    /// <summary>Runs a snippet.</summary>
    public SnippetResult Run(SnippetRequest request)
    {
        BareCore core = Core();
        core.ForgetTouched();
        SnippetSetup.Apply(core, request, request.Code);
        if (request.Engine == EngineKind.Functional)
            return RunFunctional(core, request);
        if (request.Maps.Any(m => m.IsLarge))
        {
            // What it touches is there before its cycles are counted.
            _ = RunFunctional(core, request);
            core = Core();
            SnippetSetup.Apply(core, request, request.Code);
        }
        return RunDetailed(request);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine?.Dispose();
        _core?.Dispose();
    }

    private BareCore Core()
    {
        if (_core is { IsTainted: true })
        {
            _engine?.Dispose();
            _engine = null;
            _core.Dispose();
            _core = null;
        }
        return _core ??= new BareCore(model);
    }

    private DetailedEngine<LoopProbe> Engine(BareCore core) =>
        _engine ??= new DetailedCores(1, model.Base).Create<LoopProbe>(core.Context, default);

    private SnippetResult RunFunctional(BareCore core, SnippetRequest request)
    {
        MachineState before = MachineState.Of(core.State);
        core.Functional.Attach(0);
        return Iterate(core, core.Functional, request, before);
    }

    private SnippetResult RunDetailed(SnippetRequest request)
    {
        BareCore core = Core();
        DetailedEngine<LoopProbe> engine = Engine(core);
        BareImage image = core.SaveImage();
        MachineState before = MachineState.Of(core.State);
        ulong counter = core.State->TscOffset;
        bool cold = request.Cold;
        Begin(core, engine, counter);
        engine.Cold();
        if (!cold)
        {
            _ = Iterate(core, engine, request, before);
            if (core.IsTainted)
            {
                // The first run changed the page tables under its own feet: only a new core can run it again.
                core = Core();
                engine = Engine(core);
                SnippetSetup.Apply(core, request, request.Code);
                cold = true;
            }
            else
            {
                core.RestoreImage(image);
            }
            Begin(core, engine, counter);
        }
        RunRecorder recorder = new(request.Timeline > 0);
        engine.Probe.Listener = recorder;
        SnippetResult result = Iterate(core, engine, request, before);
        engine.Probe.Listener = null;
        ulong cycles = recorder.Record.Cycles.Total;
        LoopTiming? loop = null;
        string? problem = Loopable(request, result);
        if (problem is null && Core() == core)
            loop = new SnippetLoop(core, engine, request, Begin).Measure(out problem);
        return result with { Timing = new SnippetTiming(cycles, cold, recorder.Record, loop, loop is null ? problem : null) };
    }

    private static string? Loopable(SnippetRequest request, SnippetResult result) =>
        !request.Loop ? "not wanted"
        : result.End != SnippetEnd.End ? "the code does not run to its end"
        : request.Start != request.At ? "the code does not start at its first byte"
        : null;

    /// <summary>Lets the detailed engine start at the core's state, with an empty pipeline and nothing on its way.</summary>
    private static void Begin(BareCore core, DetailedEngine<LoopProbe> engine, ulong counter)
    {
        engine.Attach(engine.Now + Settling);
        core.State->TscOffset = counter - engine.Now;
    }

    private static SnippetResult Iterate(BareCore core, ICoreEngine engine, SnippetRequest request, MachineState before)
    {
        HashSet<ulong> until = [request.Until, request.End];
        ulong executed = core.State->Executed;
        ulong start = core.State->Rip;
        ulong iterations = 0;
        BareStop stop;
        while (true)
        {
            ulong done = core.State->Executed - executed;
            stop = core.Run(engine, until, request.MaxInstructions - done);
            if (stop != BareStop.Address)
                break;
            iterations++;
            bool nothing = core.State->Executed - executed == done;
            if (iterations == request.Iterations || nothing || core.State->Executed - executed >= request.MaxInstructions)
                break;
            core.State->Rip = start;
            engine.Quiesce();
        }
        SnippetEnd end = stop switch
        {
            BareStop.Address when iterations < request.Iterations => SnippetEnd.Limit,
            BareStop.Address => core.Context.LinearRip == request.End ? SnippetEnd.End : SnippetEnd.Until,
            BareStop.Exception => core.Exception!.Software ? SnippetEnd.Interrupt : SnippetEnd.Exception,
            BareStop.Halted => core.State->Activity == ActivityState.Halted ? SnippetEnd.Hlt : SnippetEnd.Mwait,
            BareStop.Shutdown => SnippetEnd.Shutdown,
            _ => SnippetEnd.Limit,
        };
        engine.Quiesce();
        SnippetResult result = new()
        {
            Request = request,
            End = end,
            Exception = core.Exception,
            Instructions = core.State->Executed - executed,
            Iterations = iterations,
            Before = before,
            After = MachineState.Of(core.State),
            Memory = [.. request.Show.Select(r => (r, Read(core, r)))],
            Unmodelled = [.. core.Unmodelled],
        };
        return result with { Unmet = [.. request.Expect.Select(e => e.Check(result, core)).OfType<UnmetExpectation>()] };
    }

    private static byte[]? Read(BareCore core, ShownMemory range)
    {
        byte[] bytes = new byte[range.Length];
        return core.TryRead(range.Address, bytes) ? bytes : null;
    }
}
