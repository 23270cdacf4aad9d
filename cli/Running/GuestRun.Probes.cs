using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Running;

/// <content>Probes that watch the machine, several at once.</content>
internal sealed partial class GuestRun
{
    /// <summary>Lets a probe watch the cores, after those that watch them already.</summary>
    public void AddExecutionProbe(IExecutionProbe probe) =>
        _machine.ExecutionProbe = _machine.ExecutionProbe is { } others ? new ExecutionProbePair(others, probe) : probe;

    /// <summary>Lets a probe watch the devices, after those that watch them already.</summary>
    public void AddDeviceProbe(IDeviceProbe probe) =>
        _machine.DeviceProbe = _machine.DeviceProbe is { } others ? new DeviceProbePair(others, probe) : probe;
}
