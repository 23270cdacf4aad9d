using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <content>What cores report.</content>
public sealed unsafe partial class EventSource : IExecutionProbe
{
    /// <summary>General-purpose registers that carry a system call's arguments, in order: RDI, RSI, RDX, R10, R8, R9 (System V ABI, A.2.1).</summary>
    private static ReadOnlySpan<byte> ArgumentRegisters => [7, 6, 2, 10, 8, 9];

    private readonly Dictionary<int, PendingCall> _pending = [];

    /// <inheritdoc/>
    public void OnClockRead(CoreContext core, ulong rip, ulong cycle, ClockKind clock, ulong value)
    {
        TraceEvent e = At(TraceEvents.ClockRead, core, rip, cycle);
        e.Text = clock switch
        {
            ClockKind.Tsc => "tsc",
            ClockKind.ProcessorRegister => "rdpru",
            _ => "rdpmc",
        };
        e.Values[3] = value;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnInterrupt(CoreContext core, ulong rip, ulong cycle, byte vector)
    {
        TraceEvent e = At(TraceEvents.Interrupt, core, rip, cycle);
        e.Values[2] = vector;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnException(CoreContext core, ulong rip, ulong cycle, uint vector, uint errorCode)
    {
        TraceEvent e = At(TraceEvents.Exception, core, rip, cycle);
        e.Values[2] = vector;
        e.Values[3] = errorCode;
        e.Values[4] = vector == ExceptionVector.PageFault ? core.State->Cr2 : 0;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnSystemCall(CoreContext core, ulong rip, ulong cycle)
    {
        TraceEvent e = At(TraceEvents.SystemCall, core, rip, cycle);
        e.Values[2] = core.State->Gpr[0];
        for (int i = 0; i < ArgumentRegisters.Length; i++)
            e.Values[3 + i] = core.State->Gpr[ArgumentRegisters[i]];
        _sink.Add(in e);
        NoteCall(core, rip);
    }

    /// <inheritdoc/>
    public void OnUserReturn(CoreContext core, ulong rip, ulong cycle, bool byInterruptReturn)
    {
        TraceEvent e = At(TraceEvents.UserReturn, core, rip, cycle);
        e.Values[2] = core.State->Gpr[0];
        e.Values[3] = byInterruptReturn ? 1UL : 0;
        _sink.Add(in e);
        NoteReturn(core, rip, e.Time);
    }

    /// <inheritdoc/>
    public void OnMsr(CoreContext core, ulong rip, ulong cycle, uint number, ulong value, bool isWrite)
    {
        TraceEvent e = At(isWrite ? TraceEvents.MsrWrite : TraceEvents.MsrRead, core, rip, cycle);
        e.Values[2] = number;
        e.Values[3] = value;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnDeviceAccess(CoreContext core, ulong rip, ulong cycle, in DeviceAccess access)
    {
        EventKind kind = (access.IsPort, access.IsWrite) switch
        {
            (true, false) => TraceEvents.PortRead,
            (true, true) => TraceEvents.PortWrite,
            (false, false) => TraceEvents.MmioRead,
            (false, true) => TraceEvents.MmioWrite,
        };
        TraceEvent e = At(kind, core, rip, cycle);
        e.Values[2] = access.Address;
        e.Values[3] = (ulong)access.Size;
        e.Values[4] = access.Value;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnAddressSpace(CoreContext core, ulong rip, ulong cycle, ulong cr3)
    {
        TraceEvent e = At(TraceEvents.AddressSpace, core, rip, cycle);
        e.Values[2] = cr3;
        _sink.Add(in e);
        Instructions?.AddressSpaceChanged();
    }

    /// <inheritdoc/>
    public void OnActivity(CoreContext core, ulong cycle)
    {
        TraceEvent e = new(TraceEvents.Activity, core.Clock.TimeOf(cycle)) { Text = Name(core.State->Activity) };
        e.Values[0] = (ulong)core.Index;
        _sink.Add(in e);
    }

    private static TraceEvent At(EventKind kind, CoreContext core, ulong rip, ulong cycle)
    {
        TraceEvent e = new(kind, core.Clock.TimeOf(cycle));
        e.Values[0] = (ulong)core.Index;
        e.Values[1] = rip;
        return e;
    }

    private static string Name(ActivityState state) => state switch
    {
        ActivityState.Active => "active",
        ActivityState.Halted => "halted",
        ActivityState.MonitorWait => "mwait",
        ActivityState.WaitForSipi => "wait-for-sipi",
        _ => "shutdown",
    };

    /// <summary>Remembers a call that may change a time namespace until the same code goes on in user mode.</summary>
    private void NoteCall(CoreContext core, ulong rip)
    {
        const ulong syscallBytes = 2;
        ulong number = core.State->Gpr[0];
        string? name = number switch
        {
            LinuxCalls.Unshare => "unshare",
            LinuxCalls.SetNamespace => "setns",
            LinuxCalls.Clone3 => "clone3",
            _ => null,
        };
        if (name != null)
            _pending[core.Index] = new PendingCall(name, rip + syscallBytes, core.State->Gpr[7], core.State->Gpr[6]);
    }

    private void NoteReturn(CoreContext core, ulong rip, SimTime time)
    {
        if (_pending.Count == 0 || !_pending.TryGetValue(core.Index, out PendingCall call) || call.ReturnsTo != rip)
            return;
        _ = _pending.Remove(core.Index);
        TraceEvent e = new(TraceEvents.NamespaceChange, time) { Text = call.Name };
        e.Values[0] = (ulong)core.Index;
        e.Values[2] = call.First;
        e.Values[3] = call.Second;
        e.Values[4] = core.State->Gpr[0];
        _sink.Add(in e);
    }

    private readonly record struct PendingCall(string Name, ulong ReturnsTo, ulong First, ulong Second);
}
