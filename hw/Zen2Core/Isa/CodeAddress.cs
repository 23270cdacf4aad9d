namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>Instruction pointers to linear addresses.</summary>
public static unsafe class CodeAddress
{
    /// <summary>Linear address of an instruction pointer. False: #GP (code segment limit) is recorded.</summary>
    public static bool Linear(CpuState* s, ulong rip, out ulong linear)
    {
        if (s->Mode == CpuMode.Long64)
        {
            linear = rip;
            return true;
        }

        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        linear = (uint)(cs.Base + rip);
        if (rip <= cs.Limit)
            return true;
        s->Host.FaultVector = ExceptionVector.GeneralProtection;
        s->Host.FaultError = 0;
        return false;
    }
}
