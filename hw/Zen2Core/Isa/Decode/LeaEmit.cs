using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Address computation into a register: LEA, and stack-pointer arithmetic (which changes no flags).</summary>
internal static unsafe class LeaEmit
{
    private static readonly ushort s_kind16 = MicroOpKinds.AddValue("lea.16", MicroOpClass.Lea, &Value<W16>);
    private static readonly ushort s_kind32 = MicroOpKinds.AddValue("lea.32", MicroOpClass.Lea, &Value<W32>);
    private static readonly ushort s_kind64 = MicroOpKinds.AddValue("lea.64", MicroOpClass.Lea, &Value<W64>);

    /// <summary>Emits one without operand; set it, then call <see cref="Select"/>.</summary>
    public static MicroOp* Emit(CrackContext c, int bytes, ushort dst)
    {
        MicroOp* op = c.Emit(bytes switch { 2 => s_kind16, 4 => s_kind32, _ => s_kind64 }, 0);
        op->Dst = dst;
        op->Width = (byte)bytes;
        if (bytes < 4)
            op->Marks |= MicroOpMarks.MergesDst;
        return op;
    }

    /// <summary>Chooses the handler.</summary>
    public static void Select(MicroOp* op) => op->Handler = (op->AddressWidth, op->Width) switch
    {
        (8, 8) when op->Index == Reg.Zero => &FlatBase,
        (8, 8) => &FlatIndexed,
        (_, 2) => &Any<W16>,
        (_, 4) => &Any<W32>,
        _ => &Any<W64>,
    };

    /// <summary>dst = source + displacement at the width of the stack pointer or any other.</summary>
    public static MicroOp* AddConstant(CrackContext c, int bytes, ushort dst, ushort source, long displacement)
    {
        MicroOp* op = Emit(c, bytes, dst);
        op->Base = source;
        op->Disp = displacement;
        op->AddressWidth = (byte)bytes;
        Select(op);
        return op;
    }

    /// <summary>Adds to the stack pointer.</summary>
    public static MicroOp* AdjustStack(CrackContext c, int displacement) =>
        AddConstant(c, c.StackBytes, Reg.Rsp, Reg.Rsp, displacement);

    private static MicroOp* FlatBase(CpuState* s, MicroOp* op)
    {
        *(ulong*)((byte*)s + op->Dst) = *(ulong*)((byte*)s + op->Base) + (ulong)op->Disp;
        return op + 1;
    }

    private static MicroOp* FlatIndexed(CpuState* s, MicroOp* op)
    {
        byte* registers = (byte*)s;
        *(ulong*)(registers + op->Dst) =
            *(ulong*)(registers + op->Base) + (*(ulong*)(registers + op->Index) << op->Scale) + (ulong)op->Disp;
        return op + 1;
    }

    private static MicroOp* Any<W>(CpuState* s, MicroOp* op)
        where W : struct, IWidth
    {
        byte* registers = (byte*)s;
        W.Write(registers + op->Dst, EffectiveAddress.Offset(op, *(ulong*)(registers + op->Base), *(ulong*)(registers + op->Index)));
        return op + 1;
    }

    /// <summary>Value function: A is the base, B the index.</summary>
    private static void Value<W>(ExecArgs* e, MicroOp* op)
        where W : struct, IWidth => e->Result = W.Merge(e->Old, EffectiveAddress.Offset(op, e->A, e->B), op->Dst);
}
