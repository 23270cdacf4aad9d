using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Emits micro-ops that run a microcode function when they are the oldest.</summary>
internal static unsafe class MicrocodeEmit
{
    /// <summary>Emits one that ends the block: it may change mode, mapping, privilege or the instruction pointer.</summary>
    public static MicroOp* Emit(CrackContext c, ushort kind)
    {
        MicroOp* op = c.Emit(kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&MicrocodeHandlers.Ending);
        op->Marks |= MicroOpMarks.EndsBlock;
        op->Width = (byte)(c.CodeBits / 8);
        op->Extra = c.ModeKey;
        return op;
    }

    /// <summary>Emits one after which the block goes on: it touches registers, flags and memory only (x87, FXSAVE, CMPXCHG16B).</summary>
    public static MicroOp* EmitInline(CrackContext c, ushort kind)
    {
        MicroOp* op = c.Emit(kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&MicrocodeHandlers.Inline);
        op->Width = (byte)(c.CodeBits / 8);
        op->Extra = c.ModeKey;
        return op;
    }
}
