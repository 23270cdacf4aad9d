using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Emits loads and stores of general-purpose registers.</summary>
internal static unsafe class MemoryEmit
{
    private static readonly ushort s_load8 = MicroOpKinds.AddValue("load.8", MicroOpClass.Load, &MemoryHandlers.LoadValue<W8>);
    private static readonly ushort s_load16 = MicroOpKinds.AddValue("load.16", MicroOpClass.Load, &MemoryHandlers.LoadValue<W16>);
    private static readonly ushort s_load64 = MicroOpKinds.AddValue("load.64", MicroOpClass.Load, &MemoryHandlers.LoadValue<W64>);
    private static readonly ushort s_signed8To16 = MicroOpKinds.AddValue("loadsx.8.16", MicroOpClass.Load, &MemoryHandlers.LoadSignedValue<W8, W16>);
    private static readonly ushort s_signed8To32 = MicroOpKinds.AddValue("loadsx.8.32", MicroOpClass.Load, &MemoryHandlers.LoadSignedValue<W8, W32>);
    private static readonly ushort s_signed8To64 = MicroOpKinds.AddValue("loadsx.8.64", MicroOpClass.Load, &MemoryHandlers.LoadSignedValue<W8, W64>);
    private static readonly ushort s_signed16To32 = MicroOpKinds.AddValue("loadsx.16.32", MicroOpClass.Load, &MemoryHandlers.LoadSignedValue<W16, W32>);
    private static readonly ushort s_signed16To64 = MicroOpKinds.AddValue("loadsx.16.64", MicroOpClass.Load, &MemoryHandlers.LoadSignedValue<W16, W64>);
    private static readonly ushort s_signed32To64 = MicroOpKinds.AddValue("loadsx.32.64", MicroOpClass.Load, &MemoryHandlers.LoadSignedValue<W32, W64>);
    private static readonly ushort s_store8 = MicroOpKinds.AddValue("store.8", MicroOpClass.Store, &MemoryHandlers.StoreValue<W8>);
    private static readonly ushort s_store16 = MicroOpKinds.AddValue("store.16", MicroOpClass.Store, &MemoryHandlers.StoreValue<W16>);
    private static readonly ushort s_store32 = MicroOpKinds.AddValue("store.32", MicroOpClass.Store, &MemoryHandlers.StoreValue<W32>);
    private static readonly ushort s_store64 = MicroOpKinds.AddValue("store.64", MicroOpClass.Store, &MemoryHandlers.StoreValue<W64>);
    private static readonly ushort s_storeImmediate8 = MicroOpKinds.AddValue("storei.8", MicroOpClass.Store, &MemoryHandlers.StoreImmediateValue<W8>);
    private static readonly ushort s_storeImmediate16 = MicroOpKinds.AddValue("storei.16", MicroOpClass.Store, &MemoryHandlers.StoreImmediateValue<W16>);
    private static readonly ushort s_storeImmediate32 = MicroOpKinds.AddValue("storei.32", MicroOpClass.Store, &MemoryHandlers.StoreImmediateValue<W32>);
    private static readonly ushort s_storeImmediate64 = MicroOpKinds.AddValue("storei.64", MicroOpClass.Store, &MemoryHandlers.StoreImmediateValue<W64>);

    /// <summary>Loads the instruction's memory operand, zero-extended into a temporary or a register of 4 or 8 bytes, merged into a smaller one.</summary>
    public static MicroOp* Load(CrackContext c, int bytes, ushort dst, int dstBytes)
    {
        MicroOp* op = EmitLoad(c, bytes, dst, dstBytes);
        c.SetMemory(op, bytes);
        SelectLoad(c, op);
        return op;
    }

    /// <summary>Loads the instruction's memory operand into a temporary with write permission checked, for a store to follow.</summary>
    public static MicroOp* LoadForWrite(CrackContext c, int bytes, ushort temporary)
    {
        MicroOp* op = EmitLoad(c, bytes, temporary, 8);
        c.SetMemory(op, bytes);
        op->Marks |= MicroOpMarks.WriteIntent;
        SelectLoad(c, op);
        return op;
    }

    /// <summary>Loads the instruction's memory operand sign-extended.</summary>
    public static MicroOp* LoadSigned(CrackContext c, int bytes, ushort dst, int dstBytes)
    {
        ushort kind = (bytes, dstBytes) switch
        {
            (1, 2) => s_signed8To16,
            (1, 4) => s_signed8To32,
            (1, _) => s_signed8To64,
            (2, 4) => s_signed16To32,
            (2, _) => s_signed16To64,
            _ => s_signed32To64,
        };
        MicroOp* op = c.Emit(kind, 0);
        op->Dst = dst;
        op->Width = (byte)dstBytes;
        if (dstBytes < 4)
            op->Marks |= MicroOpMarks.MergesDst;
        c.SetMemory(op, bytes);
        op->Handler = (bytes, dstBytes) switch
        {
            (1, 2) => Addressed.LoadSigned<W8, W16>(c, op),
            (1, 4) => Addressed.LoadSigned<W8, W32>(c, op),
            (1, _) => Addressed.LoadSigned<W8, W64>(c, op),
            (2, 4) => Addressed.LoadSigned<W16, W32>(c, op),
            (2, _) => Addressed.LoadSigned<W16, W64>(c, op),
            _ => Addressed.LoadSigned<W32, W64>(c, op),
        };
        return op;
    }

    /// <summary>Loads from the stack at stack pointer plus <paramref name="displacement"/>.</summary>
    public static MicroOp* LoadStack(CrackContext c, int bytes, ushort dst, int dstBytes, int displacement)
    {
        MicroOp* op = EmitLoad(c, bytes, dst, dstBytes);
        c.SetStack(op, displacement, bytes);
        SelectLoad(c, op);
        return op;
    }

    /// <summary>Stores a register to the instruction's memory operand.</summary>
    public static MicroOp* Store(CrackContext c, int bytes, ushort source)
    {
        MicroOp* op = EmitStore(c, bytes, source);
        c.SetMemory(op, bytes);
        SelectStore(c, op);
        return op;
    }

    /// <summary>Stores an immediate to the instruction's memory operand.</summary>
    public static MicroOp* StoreImmediate(CrackContext c, int bytes, ulong value)
    {
        MicroOp* op = EmitStoreImmediate(c, bytes, value);
        c.SetMemory(op, bytes);
        SelectStore(c, op);
        return op;
    }

    /// <summary>Stores a register to the stack at stack pointer plus <paramref name="displacement"/>.</summary>
    public static MicroOp* StoreStack(CrackContext c, int bytes, ushort source, int displacement)
    {
        MicroOp* op = EmitStore(c, bytes, source);
        c.SetStack(op, displacement, bytes);
        SelectStore(c, op);
        return op;
    }

    /// <summary>Stores an immediate to the stack.</summary>
    public static MicroOp* StoreStackImmediate(CrackContext c, int bytes, ulong value, int displacement)
    {
        MicroOp* op = EmitStoreImmediate(c, bytes, value);
        c.SetStack(op, displacement, bytes);
        SelectStore(c, op);
        return op;
    }

    /// <summary>Chooses the handler of a load after its memory operand was changed.</summary>
    public static void SelectLoad(CrackContext c, MicroOp* op)
    {
        if ((op->Marks & MicroOpMarks.WriteIntent) != 0)
        {
            op->Handler = op->AccessSize switch
            {
                1 => Addressed.LoadForWrite<W8>(c, op),
                2 => Addressed.LoadForWrite<W16>(c, op),
                4 => Addressed.LoadForWrite<W32>(c, op),
                _ => Addressed.LoadForWrite<W64>(c, op),
            };
            return;
        }

        op->Handler = (op->AccessSize, op->Width) switch
        {
            (1, 1) => Addressed.Load<W8, W8>(c, op),
            (1, 2) => Addressed.Load<W8, W16>(c, op),
            (1, _) => Addressed.Load<W8, W64>(c, op),
            (2, 2) => Addressed.Load<W16, W16>(c, op),
            (2, _) => Addressed.Load<W16, W64>(c, op),
            (4, _) => Addressed.Load<W32, W64>(c, op),
            _ => Addressed.Load<W64, W64>(c, op),
        };
    }

    /// <summary>Chooses the handler of a store after its memory operand was changed.</summary>
    public static void SelectStore(CrackContext c, MicroOp* op)
    {
        bool immediate = (op->Marks & MicroOpMarks.BIsImmediate) != 0;
        op->Handler = (op->AccessSize, immediate) switch
        {
            (1, false) => Addressed.Store<W8>(c, op),
            (2, false) => Addressed.Store<W16>(c, op),
            (4, false) => Addressed.Store<W32>(c, op),
            (_, false) => Addressed.Store<W64>(c, op),
            (1, true) => Addressed.StoreImmediate<W8>(c, op),
            (2, true) => Addressed.StoreImmediate<W16>(c, op),
            (4, true) => Addressed.StoreImmediate<W32>(c, op),
            (_, true) => Addressed.StoreImmediate<W64>(c, op),
        };
    }

    private static MicroOp* EmitLoad(CrackContext c, int bytes, ushort dst, int dstBytes)
    {
        MicroOp* op = c.Emit(dstBytes switch { 1 => s_load8, 2 => s_load16, _ => s_load64 }, 0);
        op->Dst = dst;
        op->AccessSize = (byte)bytes;
        op->Width = (byte)dstBytes;
        if (dstBytes < 4)
            op->Marks |= MicroOpMarks.MergesDst;
        return op;
    }

    private static MicroOp* EmitStore(CrackContext c, int bytes, ushort source)
    {
        MicroOp* op = c.Emit(bytes switch { 1 => s_store8, 2 => s_store16, 4 => s_store32, _ => s_store64 }, 0);
        op->A = source;
        op->AccessSize = op->Width = (byte)bytes;
        return op;
    }

    private static MicroOp* EmitStoreImmediate(CrackContext c, int bytes, ulong value)
    {
        MicroOp* op = c.Emit(
            bytes switch { 1 => s_storeImmediate8, 2 => s_storeImmediate16, 4 => s_storeImmediate32, _ => s_storeImmediate64 }, 0);
        op->Imm = value;
        op->AccessSize = op->Width = (byte)bytes;
        op->Marks |= MicroOpMarks.BIsImmediate;
        return op;
    }
}
