using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.X87;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>
/// x87 exceptions as the first PCs report them, with CR0.NE clear (AMD APM vol. 2, 3.1.1, CR0.NE): instead of #MF the core asserts FERR#, and the next
/// instruction that waits for the x87 waits for an interrupt, unless IGNNE# is asserted: then it ignores the exception.
/// </summary>
public sealed unsafe partial class CoreContext
{
    /// <summary>Cycles between two looks of an instruction that waits.</summary>
    private const ulong NumericWaitCycles = 16;

    /// <summary>FERR#, asserted while an unmasked exception is pending and CR0.NE is clear; null where nobody listens, and #MF is raised all the same.</summary>
    public InterruptLine? NumericError { get; init; }

    /// <summary>IGNNE#, which software sees in MSR C001_0115h (PPR 55803).</summary>
    public bool IgnoreNumericErrors
    {
        get => (MsrTable.Value(State, MsrNumbers.IgnoreNumericErrors) & 1) != 0;
        set => MsrTable.Set(State, MsrNumbers.IgnoreNumericErrors, value ? 1UL : 0);
    }

    /// <summary>Status, control or CR0 may have changed: drives FERR#.</summary>
    internal void FollowNumericError()
    {
        if (NumericError is not { } line)
            return;
        bool asserted = (State->Cr0 & ControlBits.Cr0NumericError) == 0 && (State->X87.Status & X87Unit.SummaryBit) != 0;
        if (asserted == line.Asserted)
            return;
        Synchronise(0);
        line.Set(asserted);
    }

    /// <summary>An instruction that waits for the x87 has found an exception pending.</summary>
    /// <returns>True when a fault is recorded: #MF, or the wait for an interrupt. False: the exception is ignored.</returns>
    internal bool ReportsNumericError()
    {
        if ((State->Cr0 & ControlBits.Cr0NumericError) != 0 || NumericError is null)
        {
            Raise(ExceptionVector.X87);
            return true;
        }

        FollowNumericError();
        if (IgnoreNumericErrors || !Spec.WaitsForNumericErrors)
            return false;
        Raise(ExceptionVector.NumericWait);
        return true;
    }
}
