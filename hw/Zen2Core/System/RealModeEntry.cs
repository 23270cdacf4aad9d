using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Interrupt entry through the real-mode vector table (AMD APM vol. 2, 8.7.1).</summary>
internal static unsafe class RealModeEntry
{
    /// <summary>Pushes FLAGS, CS, IP and goes to the handler. False: a fault is recorded.</summary>
    public static bool Enter(CoreContext core, byte vector)
    {
        CpuState* s = core.State;
        if (vector * 4 + 3 > s->Idtr.Limit)
        {
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        if (!core.Virtual.ReadSystem(s->Idtr.Base + (uint)vector * 4, 4, out ulong entry))
            return false;
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        StackFrame stack = new(core);
        if (!stack.Push(2, s->RFlags) || !stack.Push(2, cs.Selector) || !stack.Push(2, s->Rip))
            return false;
        stack.Commit();
        s->SystemFlags &= ~(SystemFlagBits.TF | SystemFlagBits.IF | SystemFlagBits.AC | SystemFlagBits.RF);
        cs.Selector = (ushort)(entry >> 16);
        cs.Base = (entry >> 16) << 4;
        s->Rip = (ushort)entry;
        core.RefreshMode();
        return true;
    }
}
