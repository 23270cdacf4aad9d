using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Emits micro-ops of one <see cref="IIntOp"/> at any width: kinds and handlers for both engines from one definition.</summary>
internal static unsafe class IntEmit<TOp>
    where TOp : struct, IIntOp
{
    private static readonly ushort s_kind8 = Kind<W8>(), s_kind16 = Kind<W16>(), s_kind32 = Kind<W32>(), s_kind64 = Kind<W64>();

    /// <summary>dst = op(a, b), registers.</summary>
    public static MicroOp* Registers(CrackContext c, int bytes, ushort dst, ushort a, ushort b)
    {
        MicroOp* op = Emit(c, bytes, dst, RegisterHandler<KeepFlags>(bytes));
        c.SetHandlerWithoutFlags(RegisterHandler<DropFlags>(bytes));
        op->A = a;
        op->B = b;
        return op;
    }

    /// <summary>dst = op(a, imm).</summary>
    public static MicroOp* Immediate(CrackContext c, int bytes, ushort dst, ushort a, ulong immediate)
    {
        MicroOp* op = Emit(c, bytes, dst, ImmediateHandler<KeepFlags>(bytes));
        c.SetHandlerWithoutFlags(ImmediateHandler<DropFlags>(bytes));
        op->A = a;
        op->Imm = immediate;
        op->Marks |= MicroOpMarks.BIsImmediate;
        return op;
    }

    /// <summary>dst = op(a, b, third); <paramref name="b"/> may be <see cref="Reg.None"/> with an immediate set afterwards.</summary>
    public static MicroOp* Three(CrackContext c, int bytes, ushort dst, ushort a, ushort b, ushort third)
    {
        MicroOp* op = Emit(c, bytes, dst, ThreeHandler<KeepFlags>(bytes));
        c.SetHandlerWithoutFlags(ThreeHandler<DropFlags>(bytes));
        op->A = a;
        op->B = b;
        op->C = third;
        return op;
    }

    private static MicroOp* Emit(CrackContext c, int bytes, ushort dst, nint handler)
    {
        MicroOp* op = c.Emit(bytes switch { 1 => s_kind8, 2 => s_kind16, 4 => s_kind32, _ => s_kind64 }, handler);
        op->Width = (byte)bytes;
        if (TOp.WritesResult)
        {
            op->Dst = dst;
            if (bytes < 4)
                op->Marks |= MicroOpMarks.MergesDst;
        }

        return op;
    }

    private static ushort Kind<W>()
        where W : struct, IWidth
    {
        MicroOpClass kindClass = TOp.ExecutionClass;
        return MicroOpKinds.AddValue($"{typeof(TOp).Name.ToLowerInvariant()}.{W.Bits}", kindClass, &IntHandlers.Value<TOp, W>, typeof(TOp));
    }

    private static nint RegisterHandler<TFlags>(int bytes)
        where TFlags : struct, IFlagPolicy => (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)(bytes switch
        {
            1 => &IntHandlers.RegReg<TOp, W8, TFlags>,
            2 => &IntHandlers.RegReg<TOp, W16, TFlags>,
            4 => &IntHandlers.RegReg<TOp, W32, TFlags>,
            _ => &IntHandlers.RegReg<TOp, W64, TFlags>,
        });

    private static nint ImmediateHandler<TFlags>(int bytes)
        where TFlags : struct, IFlagPolicy => (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)(bytes switch
        {
            1 => &IntHandlers.RegImm<TOp, W8, TFlags>,
            2 => &IntHandlers.RegImm<TOp, W16, TFlags>,
            4 => &IntHandlers.RegImm<TOp, W32, TFlags>,
            _ => &IntHandlers.RegImm<TOp, W64, TFlags>,
        });

    private static nint ThreeHandler<TFlags>(int bytes)
        where TFlags : struct, IFlagPolicy => (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)(bytes switch
        {
            1 => &IntHandlers.Reg3<TOp, W8, TFlags>,
            2 => &IntHandlers.Reg3<TOp, W16, TFlags>,
            4 => &IntHandlers.Reg3<TOp, W32, TFlags>,
            _ => &IntHandlers.Reg3<TOp, W64, TFlags>,
        });
}
