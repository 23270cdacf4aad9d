using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Emits read-modify-writes of the instruction's memory operand.</summary>
internal static unsafe class AtomicEmit<TOp>
    where TOp : struct, IAtomicOp
{
    private static readonly ushort s_kind8 = Kind<W8>(), s_kind16 = Kind<W16>(), s_kind32 = Kind<W32>(), s_kind64 = Kind<W64>();

    /// <summary>Emits one; <paramref name="b"/> may be <see cref="Reg.None"/> with an immediate set afterwards.</summary>
    public static MicroOp* Emit(CrackContext c, int bytes, ushort dst, ushort b, ushort third)
    {
        MicroOp* op = c.Emit(bytes switch { 1 => s_kind8, 2 => s_kind16, 4 => s_kind32, _ => s_kind64 }, 0);
        c.SetMemory(op, bytes);
        Select(c, op);
        op->Width = (byte)bytes;
        op->Dst = dst;
        op->B = b;
        op->C = third;
        op->Marks |= MicroOpMarks.WriteIntent;
        if (c.Instruction.HasLockPrefix || typeof(TOp) == typeof(Exchange))
            op->Marks |= MicroOpMarks.Locked;
        if (dst != Reg.None && (bytes < 4 || typeof(TOp) == typeof(CompareExchange)))
            op->Marks |= MicroOpMarks.MergesDst;
        return op;
    }

    /// <summary>Chooses the handler after the memory operand was changed.</summary>
    public static void Select(CrackContext c, MicroOp* op) => op->Handler = op->AccessSize switch
    {
        1 => Handler<W8>(c, op),
        2 => Handler<W16>(c, op),
        4 => Handler<W32>(c, op),
        _ => Handler<W64>(c, op),
    };

    private static ushort Kind<W>()
        where W : struct, IWidth =>
        MicroOpKinds.AddValue($"rmw.{typeof(TOp).Name.ToLowerInvariant()}.{W.Bits}", MicroOpClass.Atomic, &AtomicHandlers.Value<TOp, W>, typeof(TOp));

    private static delegate*<CpuState*, MicroOp*, MicroOp*> Handler<W>(CrackContext c, MicroOp* op)
        where W : struct, IWidth => Addressed.Of(c, op) switch
        {
            Addressed.Shape.Base => &AtomicHandlers.ReadModifyWrite<TOp, W, FlatBase>,
            Addressed.Shape.Indexed => &AtomicHandlers.ReadModifyWrite<TOp, W, FlatIndexed>,
            _ => &AtomicHandlers.ReadModifyWrite<TOp, W, AnyAddress>,
        };
}
