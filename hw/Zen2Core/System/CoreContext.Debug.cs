using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>
/// Breakpoints, single step and last-branch recording (AMD APM vol. 2, 13.1). While any of them is armed both engines finish one
/// instruction after the other between <see cref="BeginStep"/> and <see cref="EndStep"/>; otherwise nothing looks at them.
/// </summary>
public sealed unsafe partial class CoreContext
{
    private const ulong Dr7Enables = 0xFF;
    private const ulong LastBranchRecord = 1, BranchSingleStep = 2;
    private const byte ShadowOfStackSegment = 2;

    private bool _debugArmed;
    private bool _breakpointsOnData;
    private ulong _debugControl;
    private byte _stepShadow;
    private bool _stepTrap;
    private bool _stepResume;
    private ulong _stepRip;
    private uint _debugFault;

    /// <summary>True while instructions must go one at a time: single step, an interrupt shadow, breakpoints, a trap that was held up.</summary>
    public bool NeedsSingleStep =>
        State->InterruptShadow != 0 || (State->SystemFlags & SystemFlagBits.TF) != 0 || _debugArmed || State->PendingDebug != 0;

    /// <summary>Breakpoints or last-branch recording are on.</summary>
    public bool DebugArmed => _debugArmed;

    /// <summary>Some enabled breakpoint, or somebody who looks from outside, watches data.</summary>
    internal bool WatchesData { get; private set; }

    /// <summary>Call after DR0-DR3, DR7, CR4.DE or DBG_CTL changed by other means than MOV DR: reset, restore, task switch, SMM.</summary>
    internal void DebugChanged()
    {
        _debugControl = MsrTable.Value(State, MsrNumbers.DebugControl);
        _debugArmed = (State->Dr[7] & Dr7Enables) != 0 || (_debugControl & LastBranchRecord) != 0;
        bool watched = _breakpointsOnData;
        _breakpointsOnData = false;
        for (int n = 0; n < 4; n++)
            _breakpointsOnData |= IsEnabled(State->Dr[7], n) && Breakpoint.KindOf(State->Dr[7], n) is BreakpointKind.Write or BreakpointKind.ReadWrite;
        WatchesData = _breakpointsOnData || Boundaries is { Ranges.Count: > 0 };
        // Watched pages must not be in the software TLBs, so that every access to them is seen.
        if (watched || _breakpointsOnData)
            Virtual.DropEntries();
        RequestAttention();
    }

    /// <summary>The ranges that somebody watches from outside have changed. Nothing that the guest or a timing model can see does.</summary>
    private void RangesChanged()
    {
        WatchesData = _breakpointsOnData || Boundaries is { Ranges.Count: > 0 };
        Virtual.DropPages();
    }

    /// <summary>
    /// Before an instruction: whether a breakpoint stands on it. Then a #DB fault is recorded for <see cref="DeliverFault"/>.
    /// RFLAGS.RF lets the instruction pass (APM vol. 2, 13.1.2 and 3.1.6).
    /// </summary>
    public bool BreaksHere()
    {
        if (!_debugArmed || State->InterruptShadow == ShadowOfStackSegment || (ResumeIsLive && (State->SystemFlags & SystemFlagBits.RF) != 0))
            return false;
        uint hit = 0;
        ulong address = LinearRip, control = State->Dr[7];
        for (int n = 0; n < 4; n++)
        {
            if (IsEnabled(control, n) && Breakpoint.KindOf(control, n) == BreakpointKind.Execute && State->Dr[n] == address)
                hit |= 1u << n;
        }

        if (hit == 0)
            return false;
        RaiseDebug(hit);
        return true;
    }

    /// <summary>Records a #DB fault with its DR6 bits.</summary>
    internal MicrocodeResult RaiseDebug(uint status)
    {
        _debugFault = status;
        return Raise(ExceptionVector.Debug);
    }

    /// <summary>Before an instruction that is executed alone.</summary>
    public void BeginStep()
    {
        _stepShadow = State->InterruptShadow;
        _stepTrap = (State->SystemFlags & SystemFlagBits.TF) != 0;
        _stepResume = (State->SystemFlags & SystemFlagBits.RF) != 0;
        _stepRip = State->Rip;
    }

    /// <summary>After it: the shadow that was there ends, and a single-step or breakpoint trap is taken.</summary>
    /// <param name="next">Instruction pointer of the instruction that follows in memory; the step was a branch if the core goes on elsewhere.</param>
    public void EndStep(ulong next)
    {
        CpuState* s = State;
        bool branched = s->Rip != next && s->Rip != _stepRip;
        // A shadow that this instruction began lasts until after the next one.
        if (_stepShadow != 0)
            s->InterruptShadow = 0;
        if (branched && (_debugControl & LastBranchRecord) != 0)
        {
            MsrTable.Set(s, MsrNumbers.LastBranchFrom, _stepRip);
            MsrTable.Set(s, MsrNumbers.LastBranchTo, s->Rip);
        }

        if (_stepResume && s->ResumeAt != s->Executed && s->Rip != _stepRip)
            s->SystemFlags &= ~SystemFlagBits.RF;
        // Loads of SS hold traps up until after the next instruction (APM vol. 2, 8.2.2): a single step is lost, a breakpoint is not.
        if (s->InterruptShadow == ShadowOfStackSegment)
            return;
        bool running = s->Activity is not (ActivityState.Shutdown or ActivityState.WaitForSipi);
        if (_stepTrap && running && (branched || (_debugControl & BranchSingleStep) == 0))
            s->PendingDebug |= Dr6Bits.SingleStep;
        _ = TakeDebugTrap();
    }

    /// <summary>The instruction that <see cref="BeginStep"/> was last called for is to be followed by <see cref="EndStep"/>.</summary>
    public bool StepTrapDue => _stepTrap;

    /// <summary>The instruction now executing takes no single-step trap: software interrupts clear TF as they deliver.</summary>
    internal void CancelStep() => _stepTrap = false;

    /// <summary>The instruction now executing takes its single-step trap by the TF it leaves behind: SYSCALL and SYSRET.</summary>
    internal void StepByNewFlag()
    {
        _stepTrap = false;
        if ((State->SystemFlags & SystemFlagBits.TF) != 0)
            State->PendingDebug |= Dr6Bits.SingleStep;
    }

    /// <summary>A trap that waits becomes part of the #DB that is about to be delivered.</summary>
    internal void MergeDebugTrap()
    {
        if (State->PendingDebug == 0)
            return;
        ReportDebug(State->PendingDebug);
        State->PendingDebug = 0;
    }

    /// <summary>Takes a trap that waits. True when it was delivered.</summary>
    internal bool TakeDebugTrap()
    {
        if (State->PendingDebug == 0 || State->InterruptShadow == ShadowOfStackSegment)
            return false;
        uint status = State->PendingDebug;
        State->PendingDebug = 0;
        Awake();
        ReportDebug(status);
        ExceptionDelivery.Exception(this, ExceptionVector.Debug, 0);
        return true;
    }

    /// <summary>Notes an access to data for breakpoints that watch it; the trap comes after the instruction.</summary>
    /// <param name="linear">Linear address of the first byte.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="write">A write; reads match only breakpoints on both.</param>
    internal void NoteAccess(ulong linear, int size, bool write)
    {
        ReportAccess(linear, size, write);
        ulong control = State->Dr[7];
        for (int n = 0; n < 4; n++)
        {
            BreakpointKind kind = Breakpoint.KindOf(control, n);
            bool wanted = kind == BreakpointKind.ReadWrite || (write && kind == BreakpointKind.Write);
            if (wanted && IsEnabled(control, n) && Breakpoint.Overlaps(State->Dr[n], Breakpoint.LengthOf(control, n), linear, size))
                State->PendingDebug |= 1u << n;
        }
    }

    /// <summary>Notes an access to an I/O port; CR4.DE makes breakpoints of kind 2 watch ports.</summary>
    internal void NotePort(ushort port, int size)
    {
        if (!_debugArmed || (State->Cr4 & ControlBits.Cr4DebugExtensions) == 0)
            return;
        ulong control = State->Dr[7];
        for (int n = 0; n < 4; n++)
        {
            if (IsEnabled(control, n) && Breakpoint.KindOf(control, n) == BreakpointKind.InputOutput
                && Breakpoint.Overlaps(State->Dr[n], Breakpoint.LengthOf(control, n), port, size))
            {
                State->PendingDebug |= 1u << n;
            }
        }
    }

    /// <summary>True when a breakpoint watches bytes of this page.</summary>
    internal bool WatchesPage(ulong linearPage)
    {
        foreach (WatchedRange range in Boundaries?.Ranges ?? [])
        {
            if (range.Touches(linearPage))
                return true;
        }

        ulong control = State->Dr[7];
        for (int n = 0; n < 4; n++)
        {
            if (IsEnabled(control, n) && Breakpoint.KindOf(control, n) is BreakpointKind.Write or BreakpointKind.ReadWrite
                && (State->Dr[n] & ~0xFFFUL) == linearPage)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>RFLAGS.RF was loaded by IRET for the instruction that comes next; after it the flag is clear without anybody looking.</summary>
    internal bool ResumeIsLive => State->ResumeAt == State->Executed;

    /// <summary>DR6 and DR7 as a debug exception leaves them: B0-B3 say what this one was, the rest accumulates; GD, LBR and BTF end.</summary>
    private void ReportDebug(uint status)
    {
        State->Dr[6] = (State->Dr[6] & ~0xFUL) | status;
        State->Dr[7] &= ~Dr7Bits.GeneralDetect;
        if ((_debugControl & (LastBranchRecord | BranchSingleStep)) != 0)
        {
            MsrTable.Set(State, MsrNumbers.DebugControl, _debugControl & ~(LastBranchRecord | BranchSingleStep));
            DebugChanged();
        }
    }

    /// <summary>Records the last exception or interrupt when DBG_CTL.LBR asks for it.</summary>
    internal void NoteException(ulong from)
    {
        if ((_debugControl & LastBranchRecord) == 0)
            return;
        MsrTable.Set(State, MsrNumbers.LastExceptionFrom, from);
        MsrTable.Set(State, MsrNumbers.LastExceptionTo, State->Rip);
    }

    private static bool IsEnabled(ulong control, int n) => ((control >> (n * 2)) & 3) != 0;
}
