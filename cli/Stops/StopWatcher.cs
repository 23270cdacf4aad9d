using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Stops;

/// <summary>Ends a run that nobody debugs where one of its conditions comes true, exactly between two instructions.</summary>
internal sealed class StopWatcher : IBoundaryWatcher, IDisposable
{
    private readonly Machine _machine;
    private readonly ConditionWatch _conditions;
    private readonly Action<ConditionHit> _stop;
    private readonly BoundaryWatch _watch;
    private bool _isDone;

    /// <summary>Watches a machine that has not run.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="conditions">What for.</param>
    /// <param name="stop">Called once, at the place; makes the machine stop.</param>
    public StopWatcher(Machine machine, ConditionWatch conditions, Action<ConditionHit> stop)
    {
        _machine = machine;
        _conditions = conditions;
        _stop = stop;
        _watch = new BoundaryWatch(this);
        machine.WatchBoundaries(_watch);
        machine.BetweenTurns = () => Look(null, machine.Now);
        conditions.Wake = () => _watch.LookAt = 0;
        _watch.LookAt = 0;
    }

    /// <inheritdoc/>
    public BoundaryAction AtBoundary(CoreContext core)
    {
        if (_isDone)
            return BoundaryAction.GoOn;
        MachineCore at = _machine.Cores[core.Index];
        Look(at, _machine.Clocks.Core.TimeOf(at.Cycle));
        return _isDone ? BoundaryAction.Leave : BoundaryAction.GoOn;
    }

    /// <inheritdoc/>
    public void OnAccess(CoreContext core, ulong linear, int size, bool write)
    {
        // No range is watched.
    }

    /// <summary>Frees what the machine looks at; the machine must be gone.</summary>
    public void Dispose() => _watch.Dispose();

    private void Look(MachineCore? core, SimTime position)
    {
        if (_isDone)
            return;
        if (_conditions.Look(core, position) is { } hit)
        {
            _isDone = true;
            _machine.LookTime = SimTime.Never;
            _stop(hit);
            return;
        }

        SimTime next = _conditions.NextTime;
        _machine.LookTime = next > _machine.Now ? next : SimTime.Never;
        _watch.LookAt = ConditionWatch.BoundaryBefore(_machine, _watch.Position, next);
    }
}
