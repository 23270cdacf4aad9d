using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Runs microcode functions from threaded code.</summary>
internal static unsafe class MicrocodeHandlers
{
    /// <summary>Runs one, retires its instruction and leaves the block.</summary>
    public static MicroOp* Ending(CpuState* s, MicroOp* op)
    {
        CoreContext core = CoreContext.Of(s);
        // The instructions before it have retired: the function sees the right time and a precise state.
        s->Executed += op->InstructionIndex;
        s->Rip = op->NextRip & ModeKeys.InstructionPointerMask(op->Extra);
        switch (MicroOpKinds.Microcode(op)(core, s, op))
        {
            case MicrocodeResult.Fault:
                s->Rip = op->Rip;
                break;
            case MicrocodeResult.Again:
                s->Rip = op->Rip;
                core.Engine?.Stall(1);
                break;
            default:
                s->Executed++;
                break;
        }

        return null;
    }

    /// <summary>Runs one and goes on.</summary>
    public static MicroOp* Inline(CpuState* s, MicroOp* op)
    {
        CoreContext core = CoreContext.Of(s);
        core.CodeChanged = false;
        if (MicroOpKinds.Microcode(op)(core, s, op) == MicrocodeResult.Fault)
            return Leave.AtFault(s, op);
        return core.CodeChanged ? Leave.AfterInstruction(s, op) : op + 1;
    }
}
