using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>HLT (AMD APM vol. 3).</summary>
internal static unsafe class HaltMicrocode
{
    /// <summary>HLT.</summary>
    public static MicrocodeResult Halt(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        s->Activity = ActivityState.Halted;
        core.RequestAttention();
        return MicrocodeResult.Done;
    }
}
