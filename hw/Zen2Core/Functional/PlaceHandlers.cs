using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>The micro-op that stands before an instruction at a watched place (<see cref="PlaceWatch"/>). It is none of the instruction's own.</summary>
internal static unsafe class PlaceHandlers
{
    /// <summary>Its row of <see cref="MicroOpKinds"/>.</summary>
    public static readonly ushort Kind = MicroOpKinds.Add(new MicroOpKindRow("place", MicroOpClass.Nop, 0, 0));

    /// <summary>Makes the micro-op.</summary>
    /// <param name="op">Where.</param>
    /// <param name="rip">Instruction pointer of the instruction behind it.</param>
    /// <param name="index">The instruction's place in its block.</param>
    public static void Emit(MicroOp* op, ulong rip, int index)
    {
        *op = default;
        op->Handler = &Pass;
        op->Kind = Kind;
        op->Class = MicroOpClass.Nop;
        op->Rip = rip;
        op->InstructionIndex = (byte)index;
    }

    private static MicroOp* Pass(CpuState* s, MicroOp* op)
    {
        // Counts of instructions and cycles are those of the place while somebody looks.
        ulong rip = s->Rip;
        s->Executed += op->InstructionIndex;
        s->Rip = op->Rip;
        CoreContext.Of(s).StandAtPlace();
        s->Executed -= op->InstructionIndex;
        s->Rip = rip;
        return op + 1;
    }
}
