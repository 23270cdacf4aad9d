using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of moves between vector registers, memory and general-purpose registers.</summary>
internal static unsafe class FormsVectorMoves
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        foreach (Mnemonic aligned in (Mnemonic[])[Mnemonic.Movaps, Mnemonic.Movapd, Mnemonic.Movdqa, Mnemonic.Movntps, Mnemonic.Movntpd, Mnemonic.Movntdq, Mnemonic.Movntdqa])
            FormsVector.Both(aligned, c => Whole(c, aligned: true));
        foreach (Mnemonic unaligned in (Mnemonic[])[Mnemonic.Movups, Mnemonic.Movupd, Mnemonic.Movdqu, Mnemonic.Lddqu])
            FormsVector.Both(unaligned, c => Whole(c, aligned: false));
        FormsVector.Both(Mnemonic.Movss, Scalar<MoveSS>);
        AddScalarDouble();
        FormsVector.Both(Mnemonic.Movlps, Low);
        FormsVector.Both(Mnemonic.Movlpd, Low);
        FormsVector.Both(Mnemonic.Movhps, High);
        FormsVector.Both(Mnemonic.Movhpd, High);
        FormsVector.Both(Mnemonic.Movd, General);
        FormsVector.Both(Mnemonic.Movq, General);
        FormsVector.LegacyOnly(Mnemonic.Movntss, c => VecMemoryEmit.Store(c, c.Register(1), 4, aligned: false));
        FormsVector.LegacyOnly(Mnemonic.Movntsd, c => VecMemoryEmit.Store(c, c.Register(1), 8, aligned: false));
        FormsVector.Both(Mnemonic.Pmovmskb, Mask<PMovMskB, WideMaskBytes>());
        FormsVector.Both(Mnemonic.Movmskps, Mask<MovMskPS, WideMaskSingles>());
        FormsVector.Both(Mnemonic.Movmskpd, Mask<MovMskPD, WideMaskDoubles>());
        FormsVector.Both(Mnemonic.Pinsrb, Insert<PInsr<byte>>);
        FormsVector.Both(Mnemonic.Pinsrw, Insert<PInsr<ushort>>);
        FormsVector.Both(Mnemonic.Pinsrd, Insert<PInsr<uint>>);
        FormsVector.Both(Mnemonic.Pinsrq, Insert<PInsr<ulong>>);
        FormsVector.Both(Mnemonic.Pextrb, Extract<PExtr<byte>>(1));
        FormsVector.Both(Mnemonic.Pextrw, Extract<PExtr<ushort>>(2));
        FormsVector.Both(Mnemonic.Pextrd, Extract<PExtr<uint>>(4));
        FormsVector.Both(Mnemonic.Pextrq, Extract<PExtr<ulong>>(8));
        FormsVector.Both(Mnemonic.Extractps, Extract<PExtr<uint>>(4));
    }

    // MOVSD is also the mnemonic of a string instruction.
    private static void AddScalarDouble()
    {
        FormTable.Add(Code.Movsd_xmm_xmmm64, Scalar<MoveSD>);
        FormTable.Add(Code.Movsd_xmmm64_xmm, Scalar<MoveSD>);
        FormTable.Add(Mnemonic.Vmovsd, EncodingKind.VEX, Scalar<MoveSD>);
    }

    private static void Whole(CrackContext c, bool aligned)
    {
        if (c.IsMemory(0))
        {
            VecMemoryEmit.Store(c, c.Register(1), c.OperandBytes(0), aligned);
            return;
        }

        if (!c.IsMemory(1))
        {
            VecCrack.EmitPlain<Move>(c, VecCrack.Operands(c, unary: true));
            return;
        }

        LoadInto(c, c.Register(0), c.OperandBytes(1), aligned);
    }

    private static void LoadInto(CrackContext c, ushort dst, int bytes, bool aligned)
    {
        switch (VecCrack.Shape(c))
        {
            case VecShapeKind.Legacy: VecMemoryEmit.Load<LegacyShape>(c, dst, bytes, aligned); break;
            case VecShapeKind.Vex128: VecMemoryEmit.Load<Vex128Shape>(c, dst, bytes, aligned); break;
            default: VecMemoryEmit.Load<Vex256Shape>(c, dst, bytes, aligned); break;
        }
    }

    private static void Scalar<TMove>(CrackContext c)
        where TMove : struct, IVecOp
    {
        if (c.IsMemory(0))
            VecMemoryEmit.Store(c, c.Register(1), c.OperandBytes(0), aligned: false);
        else if (c.IsMemory(1))
            LoadInto(c, c.Register(0), c.OperandBytes(1), aligned: false);
        else
            VecCrack.EmitPlain<TMove>(c, VecCrack.Operands(c, unary: false));
    }

    private static void Low(CrackContext c)
    {
        if (c.IsMemory(0))
            VecMemoryEmit.Store(c, c.Register(1), 8, aligned: false);
        else
            VecCrack.EmitPlain<MoveSD>(c, VecCrack.Operands(c, unary: false));
    }

    private static void High(CrackContext c)
    {
        if (!c.IsMemory(0))
        {
            VecCrack.EmitPlain<MoveHigh>(c, VecCrack.Operands(c, unary: false));
            return;
        }

        ushort source = c.Register(1);
        VecEmit.Plain<PUnpckHQdq, LegacyShape>(c, VecCrack.T0, source, source, 0);
        VecMemoryEmit.Store(c, VecCrack.T0, 8, aligned: false);
    }

    // MOVD and MOVQ: the other operand is memory, a general-purpose register or (MOVQ) a vector register.
    private static void General(CrackContext c)
    {
        if (c.IsMemory(0))
        {
            VecMemoryEmit.Store(c, c.Register(1), c.OperandBytes(0), aligned: false);
            return;
        }

        if (c.IsMemory(1))
        {
            LoadInto(c, c.Register(0), c.OperandBytes(1), aligned: false);
            return;
        }

        if (c.Instruction.Op0Register.IsGPR())
            VecEmit.ToInt<MoveToInt>(c, c.Register(0), Reg.None, c.Register(1), (ulong)c.OperandBytes(0));
        else if (c.Instruction.Op1Register.IsGPR())
            VecCrack.EmitFromInt<MoveFromInt>(c, c.Register(0), Reg.None, c.Register(1), (ulong)c.OperandBytes(1));
        else
            VecCrack.EmitPlain<MoveQ>(c, VecCrack.Operands(c, unary: true));
    }

    private static Cracker Mask<TNarrow, TWide>()
        where TNarrow : struct, IVecToIntOp
        where TWide : struct, IWideToIntOp => c =>
        {
            if (VecCrack.Shape(c) == VecShapeKind.Vex256)
                VecEmit.WideToInt<TWide>(c, c.Register(0), Reg.None, c.Register(1));
            else
                VecEmit.ToInt<TNarrow>(c, c.Register(0), Reg.None, c.Register(1), 0);
        };

    private static void Insert<TOp>(CrackContext c)
        where TOp : struct, IIntToVecOp
    {
        int last = c.Instruction.OpCount - 1;
        ushort source = VecCrack.IntSource(c, last - 1);
        VecCrack.EmitFromInt<TOp>(c, c.Register(0), last == 3 ? c.Register(1) : c.Register(0), source, c.Immediate(last));
    }

    private static Cracker Extract<TOp>(int bytes)
        where TOp : struct, IVecToIntOp => c =>
        {
            bool memory = c.IsMemory(0);
            VecEmit.ToInt<TOp>(c, memory ? Reg.T0 : c.Register(0), Reg.None, c.Register(1), c.Immediate(2));
            if (memory)
                MemoryEmit.Store(c, bytes, Reg.T0);
        };
}
