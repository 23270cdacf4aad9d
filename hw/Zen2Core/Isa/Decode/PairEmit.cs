using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Emits micro-ops of one <see cref="IIntPairOp"/>.</summary>
internal static unsafe class PairEmit<TOp>
    where TOp : struct, IIntPairOp
{
    private static readonly ushort s_kind16 = Kind<W16>(), s_kind32 = Kind<W32>(), s_kind64 = Kind<W64>();

    /// <summary>(low, high) = op(a, b, c).</summary>
    public static MicroOp* Emit(CrackContext context, int bytes, ushort low, ushort high, ushort a, ushort b, ushort c)
    {
        MicroOp* op = bytes switch
        {
            2 => context.Emit(s_kind16, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&IntHandlers.Pair<TOp, W16>),
            4 => context.Emit(s_kind32, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&IntHandlers.Pair<TOp, W32>),
            _ => context.Emit(s_kind64, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&IntHandlers.Pair<TOp, W64>),
        };
        op->Width = (byte)bytes;
        op->Dst = low;
        op->Dst2 = high;
        op->A = a;
        op->B = b;
        op->C = c;
        if (bytes < 4)
            op->Marks |= MicroOpMarks.MergesDst;
        return op;
    }

    private static ushort Kind<W>()
        where W : struct, IWidth =>
        MicroOpKinds.AddValue($"{typeof(TOp).Name.ToLowerInvariant()}.{W.Bits}", TOp.ExecutionClass, &IntHandlers.PairValue<TOp, W>, typeof(TOp));
}
