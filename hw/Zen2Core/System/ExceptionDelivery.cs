using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// Delivers exceptions and interrupts through the IDT or the real-mode vector table (AMD APM vol. 2, 8.6 to 8.9), with
/// double faults and shutdown.
/// </summary>
public static unsafe class ExceptionDelivery
{
    /// <summary>Error-code bit: the fault happened while delivering an external event.</summary>
    private const uint External = 1;

    /// <summary>How an event came about.</summary>
    public enum Origin
    {
        /// <summary>A processor exception.</summary>
        Exception,

        /// <summary>An external interrupt or NMI.</summary>
        External,

        /// <summary>INT n, INT3, INTO: gate privilege is checked.</summary>
        Software,
    }

    /// <summary>Delivers a processor exception at the current instruction pointer.</summary>
    public static void Exception(CoreContext core, uint vector, uint errorCode)
    {
        CpuState* s = core.State;
        core.CountException(vector);
        core.NoteException(vector, errorCode);
        if (core.Intercepts(vector, errorCode, Origin.Exception))
            return;
        if (TryDeliver(core, vector, errorCode, Origin.Exception))
            return;

        // Delivery faulted: contributory and page faults combine to a double fault, others are delivered in their own right
        // (AMD APM vol. 2, table 8-3).
        for (int depth = 0; ; depth++)
        {
            uint second = s->Host.FaultVector, secondError = s->Host.FaultError;
            s->Host.FaultVector = HostState.NoFault;
            if (vector == ExceptionVector.DoubleFault || depth > 2)
            {
                Shutdown(core);
                return;
            }

            if (second == ExceptionVector.PageFault)
                s->Cr2 = s->Host.FaultAddress;
            bool isDouble = (IsContributory(vector) && IsContributory(second))
                || (vector == ExceptionVector.PageFault && (IsContributory(second) || second == ExceptionVector.PageFault));
            vector = isDouble ? ExceptionVector.DoubleFault : second;
            if (TryDeliver(core, vector, isDouble ? 0 : secondError, Origin.Exception))
                return;
        }
    }

    /// <summary>Delivers an external interrupt or NMI.</summary>
    public static void Interrupt(CoreContext core, byte vector)
    {
        core.NoteInterrupt(vector);
        if (!TryDeliver(core, vector, 0, Origin.External))
            DeliverRecorded(core);
    }

    /// <summary>Carries out INT n and its kin; the instruction pointer is already behind the instruction. False: a fault is recorded.</summary>
    public static bool Software(CoreContext core, byte vector) =>
        core.Intercepts(vector, 0, Origin.Software) || TryDeliver(core, vector, 0, Origin.Software);

    private static void DeliverRecorded(CoreContext core)
    {
        CpuState* s = core.State;
        uint vector = s->Host.FaultVector, error = s->Host.FaultError;
        s->Host.FaultVector = HostState.NoFault;
        if (vector == ExceptionVector.PageFault)
            s->Cr2 = s->Host.FaultAddress;
        Exception(core, vector, error);
    }

    private static bool IsContributory(uint vector) =>
        vector is ExceptionVector.DivideError or ExceptionVector.InvalidTss or ExceptionVector.SegmentNotPresent
            or ExceptionVector.Stack or ExceptionVector.GeneralProtection;

    /// <summary>Shuts the core down: the board resets the machine.</summary>
    internal static void Shutdown(CoreContext core)
    {
        core.State->Activity = ActivityState.Shutdown;
        core.RequestAttention();
        core.Probe.OnShutdown(core);
    }

    private static bool TryDeliver(CoreContext core, uint vector, uint errorCode, Origin origin)
    {
        CpuState* s = core.State;
        if (!core.ResumeIsLive)
            s->SystemFlags &= ~SystemFlagBits.RF;
        ulong from = s->Rip;
        bool delivered = s->Mode == CpuMode.Real
            ? RealModeEntry.Enter(core, (byte)vector)
            : (s->Efer & ControlBits.EferLongActive) != 0
                ? LongModeEntry.Enter(core, (byte)vector, errorCode, origin)
                : ProtectedModeEntry.Enter(core, (byte)vector, errorCode, origin);
        if (!delivered && origin != Origin.Software && s->Host.FaultVector != ExceptionVector.PageFault)
            s->Host.FaultError |= External;
        if (delivered)
            core.NoteException(from);
        return delivered;
    }
}
