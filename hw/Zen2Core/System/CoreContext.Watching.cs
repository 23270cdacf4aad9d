using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <content>Tells the execution probe, if there is one. What is not watched costs a test for null on paths that are slow anyway.</content>
public sealed unsafe partial class CoreContext
{
    /// <summary>Who watches what the core does with the world; null for nobody.</summary>
    public IExecutionProbe? ExecutionProbe { get; set; }

    /// <summary>Who watches every instruction on the functional engine; null for nobody.</summary>
    public IRetirementProbe? RetirementProbe { get; set; }

    /// <summary>Who is told what a detailed engine that reports retirements takes from elsewhere; null for nobody.</summary>
    public OutOfOrder.IPathProbe? PathProbe { get; set; }

    /// <summary>Address of the instruction that accesses memory now; set on the slow path of accesses only, where devices are.</summary>
    internal ulong AccessRip { get; set; }

    internal void NoteInterrupt(byte vector) => ExecutionProbe?.OnInterrupt(this, State->Rip, PresentCycle, vector);

    internal void NoteException(uint vector, uint errorCode) => ExecutionProbe?.OnException(this, State->Rip, PresentCycle, vector, errorCode);

    internal void NoteSystemCall(ulong rip) => ExecutionProbe?.OnSystemCall(this, rip, PresentCycle);

    internal void NoteUserReturn(bool byInterruptReturn)
    {
        if (State->Cpl == 3)
            ExecutionProbe?.OnUserReturn(this, State->Rip, PresentCycle, byInterruptReturn);
    }

    internal void NoteMsr(ulong rip, uint number, ulong value, bool isWrite) =>
        ExecutionProbe?.OnMsr(this, rip, PresentCycle, number, value, isWrite);

    internal void NoteAddressSpace(ulong rip, ulong cr3) => ExecutionProbe?.OnAddressSpace(this, rip, PresentCycle, cr3);

    internal void NoteActivity() => ExecutionProbe?.OnActivity(this, PresentCycle);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void NoteClockRead(ulong rip, ulong cycle, ClockKind clock, ulong value) =>
        ExecutionProbe?.OnClockRead(this, rip, cycle, clock, value);

    private void NoteDeviceAccess(int instructionsBefore, in DeviceAccess access)
    {
        const int widest = 8;
        if (ExecutionProbe is not { } probe)
            return;
        ulong value = access.Size >= widest ? access.Value : access.Value & ((1UL << (8 * access.Size)) - 1);
        probe.OnDeviceAccess(this, AccessRip, CycleOf(instructionsBefore), access with { Value = value });
    }

    private ulong PresentCycle => Engine?.NowCycles ?? 0;
}
