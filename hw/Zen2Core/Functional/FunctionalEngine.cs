using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>How the functional engine's instructions become time.</summary>
/// <param name="Instructions">Instructions per <paramref name="Cycles"/>.</param>
/// <param name="Cycles">Core cycles.</param>
public readonly record struct FunctionalRate(uint Instructions, uint Cycles)
{
    /// <summary>The same instructions in reference cycles, of a core at a speed.</summary>
    /// <param name="speed">Core cycles per reference cycles.</param>
    public FunctionalRate At((uint Multiply, uint Divide) speed) =>
        speed.Multiply == speed.Divide ? this : new(Instructions * speed.Multiply, Cycles * speed.Divide);

    /// <summary>One instruction a cycle.</summary>
    public static readonly FunctionalRate One = new(1, 1);

    /// <summary>As options write it: N, or N/M.</summary>
    public override string ToString() => Cycles == 1 ? $"{Instructions}" : $"{Instructions}/{Cycles}";
}

/// <summary>Where a functional engine counts time from.</summary>
/// <param name="Cycle">The core cycle then.</param>
/// <param name="Executed">Instructions executed by then.</param>
/// <param name="Stall">Stall cycles by then.</param>
/// <param name="Rate">The rate since then, in core cycles.</param>
public readonly record struct EngineAnchor(ulong Cycle, ulong Executed, ulong Stall, FunctionalRate Rate);

/// <summary>
/// The fast engine: threaded code over decoded, chained blocks. Time is instructions at a fixed rate, in cycles of the P-state in force,
/// plus the latencies of device accesses. Interrupts are taken at block boundaries, at most 64 instructions late.
/// </summary>
public sealed unsafe partial class FunctionalEngine : ICoreEngine
{
    /// <summary>
    /// Cycles after which the loop comes round at the latest. Only there, and in handlers, can the runtime stop the thread for a
    /// garbage collection; and the counter of translated code relies on the limit being near.
    /// </summary>
    private const ulong LongestStretch = 1 << 20;

    private readonly CoreContext _core;
    private readonly CpuState* _s;
    /// <summary>Instructions per core cycle, and per reference cycle at the core's speed.</summary>
    private FunctionalRate _nominal, _rate;

    private ulong _anchorCycle, _anchorExecuted, _anchorStall;
    private bool _stop;

    /// <summary>Makes an engine for a core; <see cref="Attach"/> puts it in force.</summary>
    public FunctionalEngine(CoreContext core, FunctionalRate rate)
    {
        _core = core;
        _s = core.State;
        _nominal = _rate = rate;
    }

    /// <inheritdoc/>
    public ulong NowCycles =>
        _anchorCycle + (_s->Executed - _anchorExecuted) * _rate.Cycles / _rate.Instructions + (_s->StallCycles - _anchorStall);

    /// <inheritdoc/>
    public void Attach(ulong nowCycles)
    {
        _rate = _nominal.At(_core.Speed);
        Anchor(nowCycles);
        _core.Engine = this;
        _core.RefreshMode();
    }

    /// <inheritdoc/>
    public void Stall(ulong cycles)
    {
        if (_s->SpeedMultiply != 0)
            (cycles, _s->SpeedRemainder) = Math.DivRem((cycles * _s->SpeedDivide) + _s->SpeedRemainder, _s->SpeedMultiply);
        StallTime(cycles);
    }

    /// <inheritdoc/>
    public void ChangeSpeed()
    {
        Anchor(NowCycles);
        _rate = _nominal.At(_core.Speed);
        _s->SpeedRemainder = 0;
        PublishClock();
        // The limit was worked out at the old rate.
        _core.RequestAttention();
    }

    /// <inheritdoc/>
    public void StallTime(ulong cycles)
    {
        _s->StallCycles += cycles;
        ulong instructions = cycles * _rate.Instructions / _rate.Cycles;
        _s->Host.Limit = _s->Host.Limit > instructions ? _s->Host.Limit - instructions : 0;
    }

    /// <inheritdoc/>
    public void NoteSignal()
    {
        // The limit that was cleared ends the block.
    }

    /// <inheritdoc/>
    public void RequestStop()
    {
        _stop = true;
        _core.RequestAttention();
    }

    /// <inheritdoc/>
    public void Quiesce()
    {
        // Nothing is ever in flight between two instructions.
    }

    /// <inheritdoc/>
    public void Run(ulong untilCycle)
    {
        _stop = false;
        PublishClock();
        _core.Code.Trim();
        while (!_stop)
        {
            ulong now = NowCycles;
            if (now >= untilCycle)
                return;
            if (_core.HasStops && _core.StopsHere())
                return;
            _core.TakeSignals();
            if (_s->Activity != ActivityState.Active)
            {
                if (_core.WaitEnded(now))
                    continue;
                return;
            }

            ulong exit = _core.TakeIdleExit();
            if (exit != 0)
            {
                StallTime(exit);
                continue;
            }

            ulong cycles = untilCycle - now;
            cycles = Math.Min(cycles, LongestStretch);
            _s->Host.Limit = _s->Executed + Math.Max(1, (cycles * _rate.Instructions + _rate.Cycles - 1) / _rate.Cycles);
            if (_core.HasStops)
            {
                if (_core.StopsHere())
                    return;
                if (_core.StopsWithin(BlockDecoder.MaxInstructions))
                {
                    Step();
                    continue;
                }

                _s->Host.Limit = Math.Min(_s->Host.Limit, _core.StopAtInstructions - BlockDecoder.MaxInstructions);
            }

            if (_core.Counters.Interrupts)
            {
                _core.Counters.Fold();
                _s->Host.Limit = Math.Min(_s->Host.Limit, _s->Executed + _core.Counters.InstructionsToOverflow());
            }

            if (_core.NeedsSingleStep)
                Step();
            else if (_core.Counters.CountsBranches || _core.RetirementProbe is not null)
                RunSeenBlocks(_core.RetirementProbe, _core.Counters.CountsBranches);
            else
                RunBlocks();
        }
    }

    private void Step()
    {
        if (_core.RetirementProbe is { } probe)
            StepWatched(probe);
        else
            StepOne();
    }

    /// <summary>Instructions per core cycle from now on: the board changes it when cores take turns.</summary>
    public FunctionalRate Rate
    {
        get => _nominal;
        set
        {
            if (value != _nominal)
            {
                Anchor(NowCycles);
                _nominal = value;
                _rate = value.At(_core.Speed);
            }
        }
    }

    /// <inheritdoc/>
    public void SkipTo(ulong cycle)
    {
        ulong now = NowCycles;
        if (cycle > now)
        {
            _s->StallCycles += cycle - now;
            _s->HaltedCycles += cycle - now;
        }
    }

    /// <summary>Executes exactly one instruction (or delivers its fault).</summary>
    public void StepOne()
    {
        _s->Host.Limit = ulong.MaxValue;
        _core.BeginStep();
        if (_core.BreaksHere())
        {
            _core.DeliverFault();
            return;
        }

        Block? block = _core.Code.Find(_core, _s->Rip);
        if (block is null)
        {
            _core.DeliverFault();
            return;
        }

        ulong before = _s->Executed;
        MicroOp* op = block.First;
        MicroOp* first = op;
        ulong follows = op->NextRip & ModeKeys.InstructionPointerMask(block.Key.ModeKey);
        while (true)
        {
            bool last = (op->Marks & MicroOpMarks.Last) != 0;
            MicroOp* next = op->Handler(_s, op);
            if (next == null)
                break;
            if (last)
            {
                // A branch that was taken has counted itself; anything else is counted here and falls through. (Where the
                // next micro-op stands says nothing: the target's block may lie right behind.)
                bool taken = _s->Executed != before;
                if (!taken)
                    _s->Executed++;
                _s->Rip = taken ? next->Rip : op->NextRip & ModeKeys.InstructionPointerMask(_s->ModeKey);
                break;
            }

            op = next;
        }

        _s->Host.PendingLink = null;
        if (_core.Counters.CountsBranches && _s->Executed != before)
            CountBranch(first, _s->Rip != follows);
        if (_s->Host.FaultVector != HostState.NoFault)
            _core.DeliverFault();
        else
            _core.EndStep(follows);
    }

    /// <summary>What the engine counts time from: with several instructions a cycle it has a fraction that the present does not show.</summary>
    public EngineAnchor Anchored
    {
        get
        {
            // As near to the present as the fraction allows, so that equal machines give equal anchors.
            ulong since = (_s->Executed - _anchorExecuted) % _rate.Instructions;
            return new(NowCycles - (since * _rate.Cycles / _rate.Instructions), _s->Executed - since, _s->StallCycles, _nominal);
        }

        set
        {
            (_anchorCycle, _anchorExecuted, _anchorStall, _nominal) = (value.Cycle, value.Executed, value.Stall, value.Rate);
            _rate = _nominal.At(_core.Speed);
            _s->Host.ClockBias = _anchorCycle - _anchorExecuted - _anchorStall;
            _s->Host.ClockRuns = _rate == FunctionalRate.One && _core.ExecutionProbe is null ? 1UL : 0;
        }
    }

    private void Anchor(ulong cycle)
    {
        _anchorCycle = cycle;
        _anchorExecuted = _s->Executed;
        _anchorStall = _s->StallCycles;
        PublishClock();
    }

    /// <summary>Lets translated code read the time by itself where that is a sum.</summary>
    private void PublishClock()
    {
        _s->Host.ClockBias = _anchorCycle - _anchorExecuted - _anchorStall;
        _s->Host.ClockRuns = _rate == FunctionalRate.One && _s->TscRateMultiply == 0 && _core.ExecutionProbe is null ? 1UL : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlocks()
    {
        CpuState* s = _s;
        do
        {
            MicroOp* op = BranchHandlers.Lookup(s);
            if (op == null)
            {
                op = Enter();
                if (op == null)
                {
                    if (s->Host.FaultVector != HostState.NoFault)
                        _core.DeliverFault();
                    return;
                }
            }

            do
                op = op->Handler(s, op);
            while (op != null);

            if (s->Host.FaultVector != HostState.NoFault)
            {
                _core.DeliverFault();
                return;
            }
        }
        while (s->Executed < s->Host.Limit && !_core.NeedsSingleStep);
    }

    /// <summary>
    /// Decodes where the jump cache knows nothing, and fills in the cache and the link that led here. Null for a fault that was
    /// recorded, or to stop here.
    /// </summary>
    private MicroOp* Enter()
    {
        CpuState* s = _s;
        MicroOp* link = s->Host.PendingLink;
        s->Host.PendingLink = null;
        ulong rip = s->Rip;
        Block? block = _core.Code.Find(_core, rip);
        if (block is null)
            return null;
        if (block.Watched && _core.StopsHere())
        {
            _stop = true;
            return null;
        }

        if (block.MayBeLinked)
        {
            JumpEntry* entry = s->Host.Jumps + JumpEntry.Slot(rip);
            entry->Tag = rip ^ s->Host.JumpSalt;
            entry->Target = block.Entry;
            if (link != null && link->Imm == rip && link->Extra == s->ModeKey)
                link->Disp = (long)block.Entry;
        }

        return block.Entry;
    }
}
