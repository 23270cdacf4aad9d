using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Reads of segment selectors. They change only at serialising points, so reads need no renaming.</summary>
internal static unsafe class SegmentEmit
{
    private static readonly ushort s_read = MicroOpKinds.AddValue("mov.sreg", MicroOpClass.Alu, &Value);

    /// <summary>dst = selector, zero-extended; <see cref="MicroOp.Extra"/> names the segment register.</summary>
    public static MicroOp* Read(CrackContext c, ushort dst, SegmentIndex segment)
    {
        MicroOp* op = c.Emit(s_read, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&Handler);
        op->Dst = dst;
        op->Width = 8;
        op->Extra = (byte)segment;
        return op;
    }

    private static MicroOp* Handler(CpuState* s, MicroOp* op)
    {
        *(ulong*)((byte*)s + op->Dst) = CpuState.Segment(s, (SegmentIndex)op->Extra).Selector;
        return op + 1;
    }

    private static void Value(ExecArgs* e, MicroOp* op) => e->Result = CpuState.Segment(e->State, (SegmentIndex)op->Extra).Selector;
}
