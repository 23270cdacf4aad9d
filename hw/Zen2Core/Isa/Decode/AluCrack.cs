using Iced.Intel;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Cracking patterns of integer instructions: operand shapes to load, operate, store.</summary>
internal static unsafe class AluCrack
{
    /// <summary>op r/m, r/imm and op r, r/m: the two-operand ALU shape. Memory destinations become load, operate, store, or one atomic when locked.</summary>
    public static Cracker Binary<TOp>(FlagMask read, FlagMask written)
        where TOp : struct, IIntOp => c =>
        {
            int bytes = c.OperandBytes(0);
            if (c.IsMemory(0) && TOp.WritesResult && c.Instruction.HasLockPrefix)
            {
                MicroOp* atomic = AtomicEmit<Locked<TOp>>.Emit(c, bytes, Reg.None, SourceRegister(c, 1), Reg.None);
                SetImmediate(c, atomic, 1);
                Flags(atomic, read, written);
                return;
            }

            ushort a = c.IsMemory(0) ? LoadFirst<TOp>(c, bytes) : c.Register(0);
            ushort b = c.IsMemory(1) ? LoadTemporary(c, bytes, Reg.T1) : SourceRegister(c, 1);
            MicroOp* op = b != Reg.None
                ? IntEmit<TOp>.Registers(c, bytes, a, a, b)
                : IntEmit<TOp>.Immediate(c, bytes, a, a, c.Immediate(1));
            Flags(op, read, written);
            StoreBack<TOp>(c, bytes, a);
        };

    /// <summary>op r/m: INC, DEC, NEG, NOT.</summary>
    public static Cracker Unary<TOp>(FlagMask read, FlagMask written)
        where TOp : struct, IIntOp => c =>
        {
            int bytes = c.OperandBytes(0);
            if (c.IsMemory(0) && c.Instruction.HasLockPrefix)
            {
                Flags(AtomicEmit<Locked<TOp>>.Emit(c, bytes, Reg.None, Reg.None, Reg.None), read, written);
                return;
            }

            ushort a = c.IsMemory(0) ? LoadFirst<TOp>(c, bytes) : c.Register(0);
            Flags(IntEmit<TOp>.Immediate(c, bytes, a, a, 0), read, written);
            StoreBack<TOp>(c, bytes, a);
        };

    /// <summary>MOV between registers, memory and immediates.</summary>
    public static void Move(CrackContext c)
    {
        int bytes = c.OperandBytes(0);
        if (c.IsMemory(0))
        {
            if (c.IsImmediate(1))
                MemoryEmit.StoreImmediate(c, bytes, c.Immediate(1));
            else
                MemoryEmit.Store(c, bytes, c.Register(1));
        }
        else if (c.IsMemory(1))
        {
            MemoryEmit.Load(c, bytes, c.Register(0), bytes);
        }
        else if (c.IsImmediate(1))
        {
            IntEmit<Mov>.Immediate(c, bytes, c.Register(0), Reg.None, c.Immediate(1));
        }
        else
        {
            IntEmit<Mov>.Registers(c, bytes, c.Register(0), Reg.None, c.Register(1));
        }
    }

    /// <summary>LEA: address arithmetic without segment.</summary>
    public static void Lea(CrackContext c)
    {
        int bytes = c.OperandBytes(0);
        MicroOp* op = LeaEmit.Emit(c, bytes, c.Register(0));
        c.SetMemory(op, 0);
        LeaEmit.Select(op);
    }

    /// <summary>Loads the memory operand into a temporary and returns it.</summary>
    public static ushort LoadTemporary(CrackContext c, int bytes, ushort temporary)
    {
        MemoryEmit.Load(c, bytes, temporary, 8);
        return temporary;
    }

    /// <summary>Loads a read-modify-write (or, for operations without result, read-only) first operand into T0.</summary>
    public static ushort LoadFirst<TOp>(CrackContext c, int bytes)
        where TOp : struct, IIntOp
    {
        if (TOp.WritesResult)
            MemoryEmit.LoadForWrite(c, bytes, Reg.T0);
        else
            MemoryEmit.Load(c, bytes, Reg.T0, 8);
        return Reg.T0;
    }

    /// <summary>Stores the result of an operation whose first operand was in memory.</summary>
    public static void StoreBack<TOp>(CrackContext c, int bytes, ushort result)
        where TOp : struct, IIntOp
    {
        if (TOp.WritesResult && c.IsMemory(0))
            MemoryEmit.Store(c, bytes, result);
    }

    /// <summary>Records which flags the micro-op reads and writes.</summary>
    public static void Flags(MicroOp* op, FlagMask read, FlagMask written)
    {
        op->FlagsRead = read;
        op->FlagsWritten = written;
    }

    /// <summary>Register of operand <paramref name="n"/>, or <see cref="Reg.None"/> when it is an immediate or absent.</summary>
    public static ushort SourceRegister(CrackContext c, int n) =>
        n < c.Instruction.OpCount && c.IsRegister(n) ? c.Register(n) : Reg.None;

    private static void SetImmediate(CrackContext c, MicroOp* op, int n)
    {
        if (c.IsImmediate(n))
        {
            op->Imm = c.Immediate(n);
            op->Marks |= MicroOpMarks.BIsImmediate;
        }
    }
}
