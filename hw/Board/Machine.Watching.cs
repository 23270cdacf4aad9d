using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;

namespace CoSim.Hw.Board;

/// <content>Looking at a run from inside, for debuggers: the run does not notice.</content>
public sealed partial class Machine
{
    /// <summary>
    /// Called in <see cref="Run"/> before each turn of the cores, when none of them is inside an instruction and no event is being handled.
    /// It may look at everything, change nothing, and call <see cref="RequestStop"/>; null for nobody.
    /// </summary>
    public Action? BetweenTurns { get; set; }

    /// <summary>
    /// A time at which <see cref="BetweenTurns"/> is to be called if no core runs then: an idle machine passes over what lies between two
    /// events. The run does not notice. <see cref="SimTime.Never"/> for none.
    /// </summary>
    public SimTime LookTime { get; set; } = SimTime.Never;

    /// <summary>A debugger has changed state or memory between two turns: engines drop what they have in flight.</summary>
    public void StateChanged()
    {
        foreach (MachineCore core in Cores)
        {
            core.Engine.Quiesce();
            core.Engine.Attach(core.Cycle);
        }
    }

    /// <summary>Lets the boundaries of all cores be looked at, for good. Call before the machine has run.</summary>
    /// <param name="watch">Says where; lives as long as the machine.</param>
    public void WatchBoundaries(BoundaryWatch watch)
    {
        foreach (MachineCore core in Cores)
        {
            core.Context.WatchBoundaries(watch);
        }
    }

    /// <summary>Tells somebody of user code that comes to certain places, for good. Call before the machine has run.</summary>
    /// <param name="watch">The places and who is told.</param>
    /// <exception cref="InvalidOperationException">The machine has run.</exception>
    public void WatchPlaces(PlaceWatch watch)
    {
        foreach (MachineCore core in Cores)
        {
            core.Context.WatchPlaces(watch);
        }
    }
}
