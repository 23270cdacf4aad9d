using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Board;

/// <content>The run loop: cores run up to the next event, then the event happens.</content>
public sealed partial class Machine
{
    /// <summary>
    /// Core cycles that the active cores of a functional machine share among them before the first has its turn again. Interrupts
    /// between cores can be this late; clocks and memory stay in one order, because a core runs only in its own part of the round.
    /// </summary>
    private const ulong RoundCycles = 1024;

    private static readonly SimDuration InputPollInterval = SimDuration.FromMilliseconds(1);

    private MachineCore? _running;
    private bool _attention;
    private SimTime _nextInputPoll;

    /// <summary>Runs until <paramref name="until"/> or until something stops the machine, and says what.</summary>
    public StopReason Run(SimTime until)
    {
        _stop = null;
        while (_stop is null)
        {
            if (BetweenTurns is { } look)
            {
                look();
                if (_stop is not null)
                    break;
            }

            _attention = false;
            ActOnRequests();
            if (!_onlyLook)
            {
                PollInput();
            }

            _onlyLook = false;
            SimTime limit = SimTime.Min(Events.NextTime, until);
            ulong untilCycle = CycleAtOrAfter(limit);
            if (RunCores(untilCycle))
            {
                _onlyLook = WasCutToLook(untilCycle);
                continue;
            }

            // Nobody can run before the limit: what happens next is an event, the end of an MWAITX, or input.
            limit = SimTime.Min(limit, EarliestWakeTime());
            if (LookTime < limit && LookTime > Events.Now)
            {
                Events.AdvanceTo(LookTime);
                _onlyLook = true;
            }
            else if (limit == SimTime.Never && !WaitForInput())
            {
                Stop(StopReason.Deadlock);
            }
            else if (limit != SimTime.Never)
            {
                Events.RunUntil(limit);
                if (limit >= until)
                {
                    Stop(StopReason.TimeReached);
                }
            }
        }

        return _stop.Value;
    }

    /// <summary>The first core cycle that does not lie before a time.</summary>
    private ulong CycleAtOrAfter(SimTime time)
    {
        if (time == SimTime.Never)
        {
            return ulong.MaxValue;
        }

        ulong cycle = Clocks.Core.TicksAt(time);
        return Clocks.Core.TimeOf(cycle) < time ? cycle + 1 : cycle;
    }

    /// <summary>Lets the cores run towards a cycle. False when none of them can do anything before it.</summary>
    private bool RunCores(ulong untilCycle)
    {
        ulong present = CycleAtOrAfter(Events.Now);
        MachineCore? first = null;
        int runnable = 0;
        bool early = false;
        foreach (MachineCore core in Cores)
        {
            if (core.WakeCycle <= present)
            {
                // A timed wait has ended meanwhile.
                core.Engine.SkipTo(present);
            }

            if (!core.IsRunnable)
            {
                core.Sleeping = !core.IsActive;
                continue;
            }

            if (core.Sleeping && !LeavesIdle(core, present))
            {
                continue;
            }

            // A core that was halted goes on at the present.
            core.Engine.SkipTo(present);
            first ??= core;
            runnable++;
            early |= core.Cycle < untilCycle;
        }

        return (runnable, early) switch
        {
            (_, false) => false,
            (1, _) => RunAlone(first!, untilCycle),
            _ when first!.Kind == EngineKind.Detailed => RunInLockstep(untilCycle),
            _ => RunRound(runnable, untilCycle),
        };
    }

    private bool RunAlone(MachineCore core, ulong untilCycle)
    {
        core.Functional.Rate = Spec.FunctionalRate;
        _alone = true;
        bool progress = RunOne(core, untilCycle);
        _alone = false;
        return progress;
    }

    /// <summary>
    /// Each active core gets its part of the round at a rate that makes up for the others' parts. The parts follow one another without
    /// overlap, also from round to round: what a core sees of another's memory was written at an earlier time by any clock. The
    /// core that has waited longest goes first, so that a core which ends every turn early keeps nobody from running.
    /// </summary>
    private bool RunRound(int runnable, ulong untilCycle)
    {
        ulong begin = 0;
        foreach (MachineCore core in Cores)
        {
            begin = core.IsRunnable ? Math.Max(begin, core.Cycle) : begin;
        }

        if (begin >= untilCycle)
        {
            return false;
        }

        ulong part = Math.Max(Math.Min(RoundCycles, untilCycle - begin) / (uint)runnable, 1);
        FunctionalRate rate = new((uint)runnable * Spec.FunctionalRate.Instructions, Spec.FunctionalRate.Cycles);
        bool progress = false;
        for (int turn = 0; turn < runnable && begin < untilCycle && !_attention; turn++)
        {
            if (LongestWaiting(begin) is not { } core)
            {
                break;
            }

            core.Engine.SkipTo(begin);
            core.Functional.Rate = rate;
            progress |= RunOne(core, Math.Min(begin + part, untilCycle));

            begin = Math.Max(begin + part, core.Cycle);
            if (!core.IsActive)
            {
                // Halted with a signal that it does not take: its part passes all the same, or it would wait longest for ever.
                core.Engine.SkipTo(Math.Min(begin, untilCycle));
            }
        }

        return progress;
    }

    /// <summary>The runnable core whose position is the earliest, if that lies before or at a cycle.</summary>
    private MachineCore? LongestWaiting(ulong cycle)
    {
        MachineCore? longest = null;
        foreach (MachineCore core in Cores)
        {
            if (core.IsRunnable && core.Cycle <= cycle && (longest is null || core.Cycle < longest.Cycle))
            {
                longest = core;
            }
        }

        return longest;
    }

    /// <summary>
    /// Detailed cores go forward together, cycle by cycle, so that their memory accesses meet in the right order. Cores that wait
    /// pass over cycles; they come back if another core does something that concerns them.
    /// </summary>
    private bool RunInLockstep(ulong untilCycle)
    {
        bool progress = false;
        ulong end = ulong.MaxValue;
        Span<ulong> turns = stackalloc ulong[MaxCores];
        Span<byte> active = stackalloc byte[MaxCores];
        turns = turns[..Cores.Count];
        int actives = FindTurns(turns, active);
        while (!_attention)
        {
            ulong cycle = ulong.MaxValue;
            foreach (byte core in active[..actives])
            {
                cycle = Math.Min(cycle, turns[core]);
            }

            if (cycle >= untilCycle)
            {
                break;
            }

            bool moved = false;
            for (int place = 0; place < actives; place++)
            {
                int core = active[place];
                if (turns[core] != cycle)
                {
                    continue;
                }

                moved |= StepOne(Cores[core], untilCycle, turns, out bool touchedOthers);
                if (touchedOthers)
                {
                    // They may have come back or begun to run: those with higher numbers still have their turns in this cycle.
                    actives = FindTurns(turns, active);
                    for (place = -1; place + 1 < actives && active[place + 1] <= core;)
                    {
                        place++;
                    }
                }
            }

            progress |= moved;
            if (!moved || _attention)
            {
                end = cycle + 1;
                break;
            }
        }

        // When all go up to the limit, what the cores have passed over is final.
        foreach (MachineCore core in Cores)
        {
            core.Detailed!.Settle(end);
        }

        return progress;
    }

    /// <summary>In which cycle each core has its next turn; <see cref="ulong.MaxValue"/> for one that has nothing to do.</summary>
    /// <param name="turns">By core.</param>
    /// <param name="active">The cores that have something to do, by number.</param>
    /// <returns>How many those are.</returns>
    private int FindTurns(Span<ulong> turns, Span<byte> active)
    {
        int count = 0;
        for (int core = 0; core < turns.Length; core++)
        {
            turns[core] = TurnOf(Cores[core]);
            if (turns[core] != ulong.MaxValue)
            {
                active[count++] = (byte)core;
            }
        }

        return count;
    }

    private static ulong TurnOf(MachineCore core) => core.IsRunnable ? core.Cycle : ulong.MaxValue;

    private bool StepOne(MachineCore core, ulong untilCycle, Span<ulong> turns, out bool touchedOthers)
    {
        if (_armed.Count > 0 || _timeline.WaitsForInstructions)
        {
            Aim(core);
        }

        ulong before = turns[core.Index];
        _running = core;
        touchedOthers = core.Detailed!.Step(untilCycle);
        _running = null;
        if (core.Context.Stopped != StopCause.None)
        {
            Fire(core);
        }

        // What a store wakes out of MWAIT asks for attention.
        touchedOthers |= _attention;
        ulong now = core.Cycle;
        bool runnable = core.IsRunnable;
        turns[core.Index] = runnable ? now : ulong.MaxValue;

        // A core that INIT has sent to wait for its start-up IPI has done something, though it neither moved nor runs.
        return now != before || core.IsActive || !runnable;
    }

    /// <summary>Runs one core. False when it neither moved nor became active: a halted core with a signal that it cannot take.</summary>
    private bool RunOne(MachineCore core, ulong untilCycle)
    {
        ulong before = core.Cycle;
        if (_armed.Count > 0 || _timeline.WaitsForInstructions)
        {
            Aim(core);
        }

        _running = core;
        core.Engine.Run(untilCycle);
        _running = null;
        if (core.Context.Stopped != StopCause.None)
        {
            Fire(core);
        }

        return core.Cycle != before || core.IsActive;
    }

    /// <summary>When the next timed wait ends. One that has ended already is a runnable core's, which others may hold up until the next event.</summary>
    private SimTime EarliestWakeTime()
    {
        SimTime earliest = SimTime.Never;
        ulong present = CycleAtOrAfter(Events.Now);
        foreach (MachineCore core in Cores)
        {
            if (core.WakeCycle is { } cycle && cycle > present)
            {
                earliest = SimTime.Min(earliest, Clocks.Core.TimeOf(cycle));
            }
        }

        return earliest;
    }

    private void ActOnRequests()
    {
        if (_reset is { } kind)
        {
            _reset = null;
            if (kind == ResetKind.Init)
            {
                InitialiseProcessors();
            }
            else if (!RestartOnReset)
            {
                Stop(StopReason.Reset);
                return;
            }
            else
            {
                Reset(kind);
            }
        }

        SleepAsRequested();
        SwitchAsRequested();
    }

    private void SwitchAsRequested()
    {
        if (_switchTo is { } kind)
        {
            _switchTo = null;
            foreach (MachineCore core in Cores)
            {
                core.Use(kind, core.Cycle);
            }
        }
    }

    private void PollInput()
    {
        if (Events.Now < _nextInputPoll)
        {
            return;
        }

        _nextInputPoll = Events.Now + InputPollInterval;
        while (Console.CanReceive && _host.TryReceive(out byte value))
        {
            Console.Receive(value);
        }
    }

    private bool WaitForInput()
    {
        if (!_host.WaitForInput())
        {
            return false;
        }

        _nextInputPoll = Events.Now;
        return true;
    }
}
