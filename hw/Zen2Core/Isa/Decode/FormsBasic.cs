using Iced.Intel;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of moves, two-operand arithmetic and logic, and exchanges.</summary>
internal static unsafe class FormsBasic
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormTable.Add(Mnemonic.Mov, AluCrack.Move);
        FormTable.Add(Mnemonic.Lea, AluCrack.Lea);
        FormTable.Add(Mnemonic.Add, AluCrack.Binary<Add>(FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Adc, AluCrack.Binary<Adc>(FlagMask.CF, FlagMask.All));
        FormTable.Add(Mnemonic.Sub, AluCrack.Binary<Sub>(FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Sbb, AluCrack.Binary<Sbb>(FlagMask.CF, FlagMask.All));
        FormTable.Add(Mnemonic.Cmp, AluCrack.Binary<Cmp>(FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.And, AluCrack.Binary<And>(FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Or, AluCrack.Binary<Or>(FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Xor, AluCrack.Binary<Xor>(FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Test, AluCrack.Binary<Test>(FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Adcx, AluCrack.Binary<Adcx>(FlagMask.CF, FlagMask.CF));
        FormTable.Add(Mnemonic.Adox, AluCrack.Binary<Adox>(FlagMask.OF, FlagMask.OF));
        FormTable.Add(Mnemonic.Inc, AluCrack.Unary<Inc>(FlagMask.None, FlagMask.AllButCarry));
        FormTable.Add(Mnemonic.Dec, AluCrack.Unary<Dec>(FlagMask.None, FlagMask.AllButCarry));
        FormTable.Add(Mnemonic.Neg, AluCrack.Unary<Neg>(FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Not, AluCrack.Unary<Not>(FlagMask.None, FlagMask.None));
        FormTable.Add(Mnemonic.Bswap, AluCrack.Unary<Bswap>(FlagMask.None, FlagMask.None));
        FormTable.Add(Mnemonic.Movzx, c => Extend(c, signed: false));
        FormTable.Add(Mnemonic.Movsx, c => Extend(c, signed: true));
        FormTable.Add(Mnemonic.Movsxd, c => Extend(c, signed: true));
        FormTable.Add(Mnemonic.Movbe, MoveSwapped);
        FormTable.Add(Mnemonic.Movnti, c => MemoryEmit.Store(c, c.OperandBytes(0), c.Register(1)));
        FormTable.Add(Mnemonic.Xchg, Exchange);
        FormTable.Add(Mnemonic.Xadd, ExchangeAndAdd);
        FormTable.Add(Mnemonic.Cmpxchg, CompareAndExchange);
    }

    private static void Extend(CrackContext c, bool signed)
    {
        int bytes = c.OperandBytes(0), sourceBytes = c.OperandBytes(1);
        ushort dst = c.Register(0);
        if (c.IsMemory(1))
        {
            if (signed && sourceBytes < bytes)
                MemoryEmit.LoadSigned(c, sourceBytes, dst, bytes);
            else
                MemoryEmit.Load(c, sourceBytes, dst, bytes);
            return;
        }

        ushort source = c.Register(1);
        _ = (sourceBytes, signed) switch
        {
            (1, false) => IntEmit<ZeroExtend<W8>>.Registers(c, bytes, dst, Reg.None, source),
            (1, true) => IntEmit<SignExtend<W8>>.Registers(c, bytes, dst, Reg.None, source),
            (2, false) => IntEmit<ZeroExtend<W16>>.Registers(c, bytes, dst, Reg.None, source),
            (2, true) => IntEmit<SignExtend<W16>>.Registers(c, bytes, dst, Reg.None, source),
            (_, _) => IntEmit<SignExtend<W32>>.Registers(c, bytes, dst, Reg.None, source),
        };
    }

    private static void MoveSwapped(CrackContext c)
    {
        int bytes = c.OperandBytes(0);
        if (c.IsMemory(0))
        {
            IntEmit<SwapBytes>.Registers(c, bytes, Reg.T0, Reg.None, c.Register(1));
            MemoryEmit.Store(c, bytes, Reg.T0);
        }
        else
        {
            MemoryEmit.Load(c, bytes, Reg.T0, 8);
            IntEmit<SwapBytes>.Registers(c, bytes, c.Register(0), Reg.None, Reg.T0);
        }
    }

    private static void Exchange(CrackContext c)
    {
        int bytes = c.OperandBytes(0);
        if (c.IsMemory(0) || c.IsMemory(1))
        {
            ushort register = c.Register(c.IsMemory(0) ? 1 : 0);
            AtomicEmit<Exchange>.Emit(c, bytes, register, register, Reg.None);
            return;
        }

        ushort a = c.Register(0), b = c.Register(1);
        IntEmit<Mov>.Registers(c, bytes, Reg.T0, Reg.None, a);
        IntEmit<Mov>.Registers(c, bytes, a, Reg.None, b);
        IntEmit<Mov>.Registers(c, bytes, b, Reg.None, Reg.T0);
    }

    private static void ExchangeAndAdd(CrackContext c)
    {
        int bytes = c.OperandBytes(0);
        ushort source = c.Register(1);
        if (c.IsMemory(0))
        {
            AluCrack.Flags(AtomicEmit<ExchangeAdd>.Emit(c, bytes, source, source, Reg.None), FlagMask.None, FlagMask.All);
            return;
        }

        ushort dst = c.Register(0);
        IntEmit<Mov>.Registers(c, bytes, Reg.T0, Reg.None, dst);
        AluCrack.Flags(IntEmit<Add>.Registers(c, bytes, Reg.T1, dst, source), FlagMask.None, FlagMask.All);
        // The sum is written last: it wins when both operands are the same register.
        IntEmit<Mov>.Registers(c, bytes, source, Reg.None, Reg.T0);
        IntEmit<Mov>.Registers(c, bytes, dst, Reg.None, Reg.T1);
    }

    private static void CompareAndExchange(CrackContext c)
    {
        int bytes = c.OperandBytes(0);
        ushort source = c.Register(1);
        if (c.IsMemory(0))
        {
            AluCrack.Flags(AtomicEmit<CompareExchange>.Emit(c, bytes, Reg.Rax, source, Reg.Rax), FlagMask.None, FlagMask.All);
            return;
        }

        ushort dst = c.Register(0);
        IntEmit<Mov>.Registers(c, bytes, Reg.T0, Reg.None, dst);
        AluCrack.Flags(IntEmit<Cmp>.Registers(c, bytes, Reg.None, Reg.Rax, Reg.T0), FlagMask.None, FlagMask.All);
        if (bytes == 4)
        {
            // A failed comparison leaves the upper half of the destination alone too, as the processor does.
            IntEmit<ZeroExtend<W32>>.Registers(c, 8, Reg.T1, Reg.None, source);
            IntEmit<MoveIf<CondE>>.Registers(c, 8, dst, dst, Reg.T1)->FlagsRead = FlagMask.ZF;
        }
        else
        {
            IntEmit<MoveIf<CondE>>.Registers(c, bytes, dst, Reg.T0, source)->FlagsRead = FlagMask.ZF;
        }

        // The accumulator keeps its upper half when the comparison succeeds, so the old value must not pass through a 32-bit write.
        AccumulatorIfDifferent(c, bytes, dst);
    }

    private static void AccumulatorIfDifferent(CrackContext c, int bytes, ushort dst)
    {
        if (dst == Reg.Rax)
            return;
        if (bytes == 4)
        {
            IntEmit<ZeroExtend<W32>>.Registers(c, 8, Reg.T0, Reg.None, Reg.T0);
            IntEmit<MoveIf<CondNe>>.Registers(c, 8, Reg.Rax, Reg.Rax, Reg.T0)->FlagsRead = FlagMask.ZF;
            return;
        }

        IntEmit<MoveIf<CondNe>>.Registers(c, bytes, Reg.Rax, Reg.Rax, Reg.T0)->FlagsRead = FlagMask.ZF;
    }
}
