using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Chooses the variant of a memory handler for the way its address is formed.</summary>
internal static unsafe class Addressed
{
    /// <summary>How addresses are formed.</summary>
    public enum Shape
    {
        /// <summary>See <see cref="FlatBase"/>.</summary>
        Base,

        /// <summary>See <see cref="FlatIndexed"/>.</summary>
        Indexed,

        /// <summary>See <see cref="AnyAddress"/>.</summary>
        Any,
    }

    /// <summary>The cheapest shape that forms the address of <paramref name="op"/>.</summary>
    public static Shape Of(CrackContext c, MicroOp* op)
    {
        if (c.CodeBits != 64 || (c.ModeKey & ModeKeys.AlignmentChecks) != 0 || op->AddressWidth != 8 || op->Segment >= SegmentIndex.Fs)
            return Shape.Any;
        return op->Index == Reg.Zero ? Shape.Base : Shape.Indexed;
    }

    /// <summary>Variant of <see cref="MemoryHandlers.Load"/>.</summary>
    public static delegate*<CpuState*, MicroOp*, MicroOp*> Load<W, D>(CrackContext c, MicroOp* op)
        where W : struct, IWidth
        where D : struct, IWidth => Of(c, op) switch
        {
            Shape.Base => &MemoryHandlers.Load<W, D, FlatBase>,
            Shape.Indexed => &MemoryHandlers.Load<W, D, FlatIndexed>,
            _ => &MemoryHandlers.Load<W, D, AnyAddress>,
        };

    /// <summary>Variant of <see cref="MemoryHandlers.LoadSigned"/>.</summary>
    public static delegate*<CpuState*, MicroOp*, MicroOp*> LoadSigned<W, D>(CrackContext c, MicroOp* op)
        where W : struct, IWidth
        where D : struct, IWidth => Of(c, op) switch
        {
            Shape.Base => &MemoryHandlers.LoadSigned<W, D, FlatBase>,
            Shape.Indexed => &MemoryHandlers.LoadSigned<W, D, FlatIndexed>,
            _ => &MemoryHandlers.LoadSigned<W, D, AnyAddress>,
        };

    /// <summary>Variant of <see cref="MemoryHandlers.LoadForWrite"/>.</summary>
    public static delegate*<CpuState*, MicroOp*, MicroOp*> LoadForWrite<W>(CrackContext c, MicroOp* op)
        where W : struct, IWidth => Of(c, op) switch
        {
            Shape.Base => &MemoryHandlers.LoadForWrite<W, FlatBase>,
            Shape.Indexed => &MemoryHandlers.LoadForWrite<W, FlatIndexed>,
            _ => &MemoryHandlers.LoadForWrite<W, AnyAddress>,
        };

    /// <summary>Variant of <see cref="MemoryHandlers.Store"/>.</summary>
    public static delegate*<CpuState*, MicroOp*, MicroOp*> Store<W>(CrackContext c, MicroOp* op)
        where W : struct, IWidth => Of(c, op) switch
        {
            Shape.Base => &MemoryHandlers.Store<W, FlatBase>,
            Shape.Indexed => &MemoryHandlers.Store<W, FlatIndexed>,
            _ => &MemoryHandlers.Store<W, AnyAddress>,
        };

    /// <summary>Variant of <see cref="MemoryHandlers.StoreImmediate"/>.</summary>
    public static delegate*<CpuState*, MicroOp*, MicroOp*> StoreImmediate<W>(CrackContext c, MicroOp* op)
        where W : struct, IWidth => Of(c, op) switch
        {
            Shape.Base => &MemoryHandlers.StoreImmediate<W, FlatBase>,
            Shape.Indexed => &MemoryHandlers.StoreImmediate<W, FlatIndexed>,
            _ => &MemoryHandlers.StoreImmediate<W, AnyAddress>,
        };
}
