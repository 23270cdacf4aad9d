using CoSim.Hw.Zen2Core;

namespace CoSim.Hw.Board;

/// <content>Stops and engine switches at exact places of a run.</content>
public sealed partial class Machine
{
    private readonly List<Trigger> _armed = [];
    private ulong _nextCount = CoreContext.NoStop;

    /// <summary>Instructions that all cores together have retired since the machine left reset, on either engine.</summary>
    public ulong Instructions
    {
        get
        {
            ulong sum = 0;
            foreach (MachineCore core in Cores)
            {
                sum += core.Instructions;
            }

            return sum;
        }
    }

    /// <summary>What waits for its place, in the order in which it was armed. No part of a snapshot.</summary>
    public IReadOnlyList<Trigger> Armed => _armed;

    /// <summary>
    /// Makes something happen, once, at a place. A number of instructions that is past already happens at once; an address where
    /// a core stands at this moment counts only when a core comes there again. May be called between runs only.
    /// </summary>
    /// <remarks>
    /// The functional engine looks at interrupts between blocks of at most 64 instructions, and blocks end at the place: an
    /// interrupt near it can be taken some instructions earlier than in a run without the trigger.
    /// </remarks>
    public void Arm(Trigger trigger)
    {
        _armed.Add(trigger);
        PlacesChanged(trigger.Place.IsAddress);
        foreach (MachineCore core in Cores)
        {
            if (trigger.Place.IsAddress && core.Context.LinearRip == trigger.Place.Value)
            {
                core.Context.PassHere();
            }
        }
    }

    /// <summary>Takes a trigger back. False when it was not armed: it has happened, perhaps. May be called between runs only.</summary>
    public bool Disarm(Trigger trigger)
    {
        bool armed = _armed.Remove(trigger);
        if (armed)
        {
            PlacesChanged(trigger.Place.IsAddress);
        }

        return armed;
    }

    /// <summary>Tells a core where to stop, before it runs: how many of the remaining instructions are left to it alone.</summary>
    private void Aim(MachineCore core)
    {
        ulong stop = _nextCount == CoreContext.NoStop ? CoreContext.NoStop : core.Instructions + (_nextCount - Math.Min(_nextCount, Instructions));
        core.Context.StopAtInstructions = Math.Min(stop, _timeline.NextInstruction(core.Index));
    }

    /// <summary>A core has stopped at a place.</summary>
    private void Fire(MachineCore core)
    {
        StopCause cause = core.Context.Stopped;
        core.Context.Stopped = StopCause.None;
        bool byAddress = cause == StopCause.Address;
        ulong value = byAddress ? core.Context.LinearRip : Instructions;
        foreach (Trigger trigger in _armed.FindAll(t => t.Place.IsAddress == byAddress && (byAddress ? t.Place.Value == value : t.Place.Value <= value)))
        {
            _armed.Remove(trigger);
            if (trigger.SwitchTo is { } kind)
            {
                SwitchEngine(kind);
            }
            else
            {
                Stop(byAddress ? StopReason.AddressReached : StopReason.InstructionsReached);
            }
        }

        if (!byAddress)
        {
            core.Context.Synchronise(0);
            _timeline.Reached(core.Index, core.Instructions);
        }

        PlacesChanged(byAddress);
    }

    private void PlacesChanged(bool addresses)
    {
        _nextCount = CoreContext.NoStop;
        foreach (Trigger trigger in _armed)
        {
            _nextCount = trigger.Place.IsAddress ? _nextCount : Math.Min(_nextCount, trigger.Place.Value);
        }

        foreach (MachineCore core in Cores)
        {
            core.Context.StopAtInstructions = CoreContext.NoStop;
        }

        if (addresses)
        {
            Cores[0].Context.Code.Watch(_armed.Where(t => t.Place.IsAddress).Select(t => t.Place.Value).ToHashSet());
        }
    }
}
