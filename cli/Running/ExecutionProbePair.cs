using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Cli.Running;

/// <summary>Lets two probes watch the cores of one machine.</summary>
internal sealed class ExecutionProbePair(IExecutionProbe first, IExecutionProbe second) : IExecutionProbe
{
    /// <inheritdoc/>
    public void OnClockRead(CoreContext core, ulong rip, ulong cycle, ClockKind clock, ulong value)
    {
        first.OnClockRead(core, rip, cycle, clock, value);
        second.OnClockRead(core, rip, cycle, clock, value);
    }

    /// <inheritdoc/>
    public void OnInterrupt(CoreContext core, ulong rip, ulong cycle, byte vector)
    {
        first.OnInterrupt(core, rip, cycle, vector);
        second.OnInterrupt(core, rip, cycle, vector);
    }

    /// <inheritdoc/>
    public void OnException(CoreContext core, ulong rip, ulong cycle, uint vector, uint errorCode)
    {
        first.OnException(core, rip, cycle, vector, errorCode);
        second.OnException(core, rip, cycle, vector, errorCode);
    }

    /// <inheritdoc/>
    public void OnSystemCall(CoreContext core, ulong rip, ulong cycle)
    {
        first.OnSystemCall(core, rip, cycle);
        second.OnSystemCall(core, rip, cycle);
    }

    /// <inheritdoc/>
    public void OnUserReturn(CoreContext core, ulong rip, ulong cycle, bool byInterruptReturn)
    {
        first.OnUserReturn(core, rip, cycle, byInterruptReturn);
        second.OnUserReturn(core, rip, cycle, byInterruptReturn);
    }

    /// <inheritdoc/>
    public void OnMsr(CoreContext core, ulong rip, ulong cycle, uint number, ulong value, bool isWrite)
    {
        first.OnMsr(core, rip, cycle, number, value, isWrite);
        second.OnMsr(core, rip, cycle, number, value, isWrite);
    }

    /// <inheritdoc/>
    public void OnDeviceAccess(CoreContext core, ulong rip, ulong cycle, in DeviceAccess access)
    {
        first.OnDeviceAccess(core, rip, cycle, in access);
        second.OnDeviceAccess(core, rip, cycle, in access);
    }

    /// <inheritdoc/>
    public void OnAddressSpace(CoreContext core, ulong rip, ulong cycle, ulong cr3)
    {
        first.OnAddressSpace(core, rip, cycle, cr3);
        second.OnAddressSpace(core, rip, cycle, cr3);
    }

    /// <inheritdoc/>
    public void OnActivity(CoreContext core, ulong cycle)
    {
        first.OnActivity(core, cycle);
        second.OnActivity(core, cycle);
    }
}
