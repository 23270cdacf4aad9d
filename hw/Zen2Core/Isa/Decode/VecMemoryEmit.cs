using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Emits loads and stores of vector registers.</summary>
internal static unsafe class VecMemoryEmit
{
    private static readonly ushort s_load = MicroOpKinds.AddValue("vload", MicroOpClass.Load, &VectorMemoryHandlers.LoadValue<LegacyShape>);
    private static readonly ushort s_load128 = MicroOpKinds.AddValue("vload.v128", MicroOpClass.Load, &VectorMemoryHandlers.LoadValue<Vex128Shape>);
    private static readonly ushort s_load256 = MicroOpKinds.AddValue("vload.v256", MicroOpClass.Load, &VectorMemoryHandlers.LoadValue<Vex256Shape>);
    private static readonly ushort s_store = MicroOpKinds.AddValue("vstore", MicroOpClass.Store, &VectorMemoryHandlers.StoreValue);

    /// <summary>Loads the instruction's memory operand into a vector register; what is not loaded of the shape's width becomes zero.</summary>
    /// <param name="c">The instruction.</param>
    /// <param name="dst">Register or temporary.</param>
    /// <param name="bytes">1 to 32.</param>
    /// <param name="aligned">Whether a misaligned address raises #GP.</param>
    public static MicroOp* Load<TShape>(CrackContext c, ushort dst, int bytes, bool aligned)
        where TShape : struct, IVecShape
    {
        MicroOp* op = c.Emit(TShape.Wide ? s_load256 : TShape.Legacy ? s_load : s_load128, 0);
        c.SetMemory(op, bytes);
        op->Dst = dst;
        op->Width = (byte)(TShape.Wide ? 32 : 16);
        op->Extra = (byte)(aligned ? bytes - 1 : 0);
        if (TShape.Legacy && dst < VecCrack.T0)
            op->Marks |= MicroOpMarks.MergesDst;
        bool quick = bytes == 16 && !TShape.Wide;
        op->Handler = Addressed.Of(c, op) switch
        {
            Addressed.Shape.Base => quick ? &VectorMemoryHandlers.Load16<TShape, FlatBase> : &VectorMemoryHandlers.LoadAny<TShape, FlatBase>,
            Addressed.Shape.Indexed => quick ? &VectorMemoryHandlers.Load16<TShape, FlatIndexed> : &VectorMemoryHandlers.LoadAny<TShape, FlatIndexed>,
            _ => quick ? &VectorMemoryHandlers.Load16<TShape, AnyAddress> : &VectorMemoryHandlers.LoadAny<TShape, AnyAddress>,
        };
        return op;
    }

    /// <summary>
    /// Makes a copy of an operation with a memory operand, for the detailed engine alone, a load of that operand into a temporary; an operand of
    /// 16 bytes must be aligned.
    /// </summary>
    public static void MakeLoad(MicroOp* op, ushort dst)
    {
        op->Kind = s_load128;
        op->Class = MicroOpClass.Load;
        op->Dst = dst;
        op->A = op->B = op->C = Reg.None;
        op->Width = 16;
        op->Extra = (byte)(op->AccessSize == 16 ? op->AccessSize - 1 : 0);
    }

    /// <summary>Makes a copy of an operation with a memory operand, for the detailed engine alone, a store of a temporary to it.</summary>
    public static void MakeStore(MicroOp* op, ushort source)
    {
        op->Kind = s_store;
        op->Class = MicroOpClass.Store;
        op->Dst = op->B = op->C = Reg.None;
        op->A = source;
        op->Width = op->AccessSize;
        op->Extra = 0;
    }

    /// <summary>Stores the low bytes of a vector register to the instruction's memory operand.</summary>
    public static MicroOp* Store(CrackContext c, ushort source, int bytes, bool aligned)
    {
        MicroOp* op = c.Emit(s_store, 0);
        c.SetMemory(op, bytes);
        op->A = source;
        op->Width = (byte)bytes;
        op->Extra = (byte)(aligned ? bytes - 1 : 0);
        bool quick = bytes == 16;
        op->Handler = Addressed.Of(c, op) switch
        {
            Addressed.Shape.Base => quick ? &VectorMemoryHandlers.Store16<FlatBase> : &VectorMemoryHandlers.StoreAny<FlatBase>,
            Addressed.Shape.Indexed => quick ? &VectorMemoryHandlers.Store16<FlatIndexed> : &VectorMemoryHandlers.StoreAny<FlatIndexed>,
            _ => quick ? &VectorMemoryHandlers.Store16<AnyAddress> : &VectorMemoryHandlers.StoreAny<AnyAddress>,
        };
        return op;
    }
}
