using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>Interrupt inputs, halts and wake-ups (AMD APM vol. 2, 8.3 and 16.8; MONITOR in vol. 3).</summary>
public sealed unsafe partial class CoreContext : ICoreSignals
{
    private bool _interruptRequest, _smi, _init;
    private byte _nmis;
    private int _startup = -1;

    /// <summary>True when an input waits that <see cref="TakeSignals"/> would act on now.</summary>
    public bool SignalsPending => (_nmis != 0 && CanTakeNmi) || (State->InSmm == 0 && (_smi || _init)) || _startup >= 0 || (_interruptRequest && CanTakeInterrupt)
        || (State->PendingDebug != 0 && State->InterruptShadow != ShadowOfStackSegment);

    /// <summary>RFLAGS.IF, the NMI block or SMM may have been lifted: what waits must be seen at the next instruction boundary.</summary>
    internal void LookAtSignals()
    {
        if (SignalsPending)
            RequestAttention();
    }

    /// <summary>The INTR input.</summary>
    public bool InterruptRequested => _interruptRequest;

    private bool CanTakeNmi => State->NmiBlocked == 0 && State->InterruptShadow == 0;

    private bool CanTakeInterrupt => (State->SystemFlags & SystemFlagBits.IF) != 0 && State->InterruptShadow == 0;

    /// <inheritdoc/>
    public void SetInterruptRequest(bool asserted)
    {
        _interruptRequest = asserted;
        if (asserted)
            RequestAttention();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// One NMI is handled and one more is held until its IRET (AMD APM vol. 2, 8.2.3); so of two that come before the first is taken,
    /// neither is lost, and of those that come while one is handled, one remains.
    /// </remarks>
    public void RaiseNmi()
    {
        if (_nmis < (State->NmiBlocked != 0 ? 1 : 2))
            _nmis++;
        RequestAttention();
    }

    /// <inheritdoc/>
    public void RaiseSmi()
    {
        // A processor that waits for its start-up IPI has no handler yet.
        if (State->Activity is ActivityState.WaitForSipi or ActivityState.Shutdown)
            return;
        _smi = true;
        RequestAttention();
    }

    /// <inheritdoc/>
    public void RaiseInit()
    {
        _init = true;
        // A start-up IPI that came before is void; one that comes before the INIT is acted on is not.
        _startup = -1;
        RequestAttention();
    }

    /// <inheritdoc/>
    public void RaiseStartup(byte vector)
    {
        _startup = vector;
        RequestAttention();
    }

    /// <summary>
    /// Acts on waiting inputs at an instruction boundary, in priority order INIT, SIPI, SMI, debug traps, NMI, INTR; INIT and SMI wait for RSM (AMD APM vol. 2, table 8-8).
    /// True when the instruction pointer changed.
    /// </summary>
    public bool TakeSignals()
    {
        if (_init && State->InSmm == 0)
        {
            _init = false;
            ResetState.Init(this);
            return true;
        }

        if (_startup >= 0)
        {
            int vector = _startup;
            _startup = -1;
            if (State->Activity == ActivityState.WaitForSipi)
            {
                ResetState.Start(this, (byte)vector);
                return true;
            }
        }

        if (State->Activity is ActivityState.WaitForSipi or ActivityState.Shutdown)
            return false;
        if (_smi && State->InSmm == 0)
        {
            _smi = false;
            SystemManagementInterruptsTaken++;
            SystemManagement.Enter(this);
            return true;
        }

        if (TakeDebugTrap())
            return true;
        if (_nmis != 0 && CanTakeNmi)
        {
            _nmis--;
            State->NmiBlocked = 1;
            Awake();
            InterruptsTaken++;
            ExceptionDelivery.Interrupt(this, ExceptionVector.Nmi);
            return true;
        }

        if (_interruptRequest && CanTakeInterrupt)
        {
            Awake();
            InterruptsTaken++;
            byte vector = Interrupts?.Acknowledge() ?? 0xFF;
            ExceptionDelivery.Interrupt(this, vector);
            return true;
        }

        return false;
    }

    /// <summary>Whether an interrupt, though it may be masked, ends a wait.</summary>
    public bool InterruptBreaksWait => _interruptRequest && State->WaitInterruptBreaks != 0 && State->Activity == ActivityState.MonitorWait;

    /// <summary>Whether a core that is not active becomes active now, without an interrupt being delivered: MWAIT's own reasons.</summary>
    /// <param name="nowCycles">The core's present.</param>
    public bool WaitEnded(ulong nowCycles)
    {
        if (State->Activity == ActivityState.Active)
            return true;
        if (State->Activity != ActivityState.MonitorWait)
            return false;
        bool ended = State->MonitorLine == NoMonitor
            || nowCycles >= State->WaitDeadline
            || InterruptBreaksWait;
        if (ended)
            EndWait();
        return ended;
    }

    /// <summary>A store hit a page with monitored lines.</summary>
    public void NoteMonitoredStore(ulong physical, int size)
    {
        ulong line = State->MonitorLine;
        if (line == NoMonitor || physical >= line + MonitorLineBytes || physical + (uint)size <= line)
            return;
        State->MonitorLine = NoMonitor;
        if (State->Activity == ActivityState.MonitorWait)
        {
            EndWait();
            Woken?.Invoke(this);
        }
    }

    /// <summary>Calls back when a store by another core ends this core's MWAIT: the board must run it again.</summary>
    public event Action<CoreContext>? Woken;

    internal const ulong NoMonitor = ulong.MaxValue;

    /// <summary>Monitor line size (CPUID leaf 5).</summary>
    internal const int MonitorLineBytes = 64;

    internal void Awake()
    {
        if (State->Activity == ActivityState.Active)
            return;
        State->Activity = ActivityState.Active;
        NoteActivity();
    }

    /// <summary>Ends a halt or a wait.</summary>
    internal void EndWait()
    {
        Awake();
        State->WaitDeadline = ulong.MaxValue;
        State->MonitorLine = NoMonitor;
    }
}
