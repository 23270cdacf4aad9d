using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Rows of microcode functions that more than one place needs.</summary>
internal static unsafe class MicrocodeKinds
{
    /// <summary>Raises #UD.</summary>
    public static readonly ushort Undefined = MicroOpKinds.AddMicrocode("ud", &RaiseUndefined);

    private static MicrocodeResult RaiseUndefined(CoreContext core, CpuState* s, MicroOp* op)
    {
        Iced.Intel.Code code = (Iced.Intel.Code)op->Form;
        if (code is not (Iced.Intel.Code.INVALID or Iced.Intel.Code.Ud2 or Iced.Intel.Code.Ud0 or Iced.Intel.Code.Ud1_r32_rm32))
            core.Probe.OnUnmodelled(core, $"instruction form {code} at {op->Rip:X}h");
        return core.Raise(ExceptionVector.InvalidOpcode);
    }
}
