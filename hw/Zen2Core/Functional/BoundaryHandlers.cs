using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>The micro-op that stands before every instruction while boundaries are watched. It is none of the instruction's own.</summary>
internal static unsafe class BoundaryHandlers
{
    /// <summary>Its row of <see cref="MicroOpKinds"/>.</summary>
    public static readonly ushort Kind = MicroOpKinds.Add(new MicroOpKindRow("boundary", MicroOpClass.Nop, 0, 0));

    /// <summary>Makes the micro-op.</summary>
    /// <param name="op">Where.</param>
    /// <param name="rip">Instruction pointer of the instruction behind it.</param>
    /// <param name="linear">Its linear address; only the place in its page counts, which is the same wherever the page is mapped.</param>
    /// <param name="index">The instruction's place in its block.</param>
    public static void Emit(MicroOp* op, ulong rip, ulong linear, int index)
    {
        *op = default;
        op->Handler = &Pass;
        op->Kind = Kind;
        op->Class = MicroOpClass.Nop;
        op->Rip = rip;
        op->Imm = linear % BoundaryWindow.FilterSize;
        op->InstructionIndex = (byte)index;
    }

    private static MicroOp* Pass(CpuState* s, MicroOp* op)
    {
        BoundaryWindow* window = s->Host.Boundaries;
        ulong position = ++window->Position;
        return position < window->LookAt && window->Filter[op->Imm] == 0 ? op + 1 : Look(s, op);
    }

    private static MicroOp* Look(CpuState* s, MicroOp* op)
    {
        // Counts of instructions and cycles are those of the boundary while somebody looks.
        s->Executed += op->InstructionIndex;
        s->Rip = op->Rip;
        if (CoreContext.Of(s).LookAtBoundary() == BoundaryAction.Leave)
        {
            // The block's next entry comes through here again.
            s->Host.Boundaries->Position--;
            return null;
        }

        s->Executed -= op->InstructionIndex;
        return op + 1;
    }
}
