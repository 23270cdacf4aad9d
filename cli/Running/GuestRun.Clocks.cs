using CoSim.Cli.Clocks;
using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Running;

/// <content>The clocks that the guest's programs read.</content>
internal sealed partial class GuestRun
{
    private ProgramClockWatch? _programClocks;

    /// <summary>Tells an observer of every clock that a program reads, by system call or by the vDSO. Call before the run begins.</summary>
    public void WatchProgramClocks(IProgramClockObserver observer)
    {
        PrepareProgramClocks();
        _programClocks!.Add(observer);
    }

    /// <summary>Makes it possible to call <see cref="WatchProgramClocks"/> after the run has begun. Call before.</summary>
    public void PrepareProgramClocks()
    {
        if (_programClocks is null)
            AddExecutionProbe(_programClocks = new ProgramClockWatch(_machine));
    }
}
