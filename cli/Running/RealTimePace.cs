using System.Diagnostics;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Running;

/// <summary>
/// Keeps simulated time from running ahead of the user's: with a terminal as console an idle shell waits for keys and must not
/// see hours pass meanwhile. A machine that is slower than real time is not held back, and runs without a terminal are not paced.
/// </summary>
internal sealed class RealTimePace
{
    private readonly Stopwatch _host = new();
    private SimTime _start;

    /// <summary>Waits until as much host time as simulated time has passed since the first call.</summary>
    /// <param name="now">The present of the machine.</param>
    public void Hold(SimTime now)
    {
        if (!_host.IsRunning)
        {
            _start = now;
            _host.Start();
            return;
        }
        Int128 simulated = (now - _start).Femtoseconds / SimDuration.FemtosecondsPerMillisecond;
        Int128 ahead = simulated - _host.ElapsedMilliseconds;
        if (ahead > 0)
            Thread.Sleep((int)Int128.Min(ahead, 1000));
    }
}
