using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of shifts, blends, bit fields, cryptography and other instructions with operands of their own kind.</summary>
internal static unsafe class FormsVectorSpecial
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        RegisterShifts();
        RegisterBlends();
        FormsVector.Both(Mnemonic.Mpsadbw, VecCrack.Plain<MPSadBW>());
        FormsVector.Both(Mnemonic.Insertps, InsertSingle);
        FormsVector.Both(Mnemonic.Ptest, Test<PTest, WideTest>());
        FormsVector.LegacyOnly(Mnemonic.Insertq, c => BitField<InsertQ, InsertQImm>(c));
        FormsVector.LegacyOnly(Mnemonic.Extrq, c => BitField<ExtrQ, ExtrQImm>(c));
        FormsVector.Both(Mnemonic.Aesenc, VecCrack.Plain<AesEnc>());
        FormsVector.Both(Mnemonic.Aesenclast, VecCrack.Plain<AesEncLast>());
        FormsVector.Both(Mnemonic.Aesdec, VecCrack.Plain<AesDec>());
        FormsVector.Both(Mnemonic.Aesdeclast, VecCrack.Plain<AesDecLast>());
        FormsVector.Both(Mnemonic.Aesimc, VecCrack.PlainUnary<AesImc>());
        FormsVector.Both(Mnemonic.Aeskeygenassist, VecCrack.PlainUnary<AesKeyGenAssist>());
        FormsVector.Both(Mnemonic.Pclmulqdq, VecCrack.Plain<PClMulQdq>());
        FormsVector.LegacyOnly(Mnemonic.Sha1msg1, VecCrack.Plain<Sha1Msg1>());
        FormsVector.LegacyOnly(Mnemonic.Sha1msg2, VecCrack.Plain<Sha1Msg2>());
        FormsVector.LegacyOnly(Mnemonic.Sha1nexte, VecCrack.Plain<Sha1NextE>());
        FormsVector.LegacyOnly(Mnemonic.Sha1rnds4, VecCrack.Plain<Sha1Rnds4>());
        FormsVector.LegacyOnly(Mnemonic.Sha256msg1, VecCrack.Plain<Sha256Msg1>());
        FormsVector.LegacyOnly(Mnemonic.Sha256msg2, VecCrack.Plain<Sha256Msg2>());
        FormsVector.LegacyOnly(Mnemonic.Sha256rnds2, c => VecCrack.EmitPlain3<Sha256Rnds2>(c, VecCrack.Operands(c, unary: false), Reg.Vector(0)));
    }

    private static void RegisterShifts()
    {
        FormsVector.Both(Mnemonic.Psllw, Shift<PSllW, PSllWImm>());
        FormsVector.Both(Mnemonic.Pslld, Shift<PSllD, PSllDImm>());
        FormsVector.Both(Mnemonic.Psllq, Shift<PSllQ, PSllQImm>());
        FormsVector.Both(Mnemonic.Psrlw, Shift<PSrlW, PSrlWImm>());
        FormsVector.Both(Mnemonic.Psrld, Shift<PSrlD, PSrlDImm>());
        FormsVector.Both(Mnemonic.Psrlq, Shift<PSrlQ, PSrlQImm>());
        FormsVector.Both(Mnemonic.Psraw, Shift<PSraW, PSraWImm>());
        FormsVector.Both(Mnemonic.Psrad, Shift<PSraD, PSraDImm>());
        FormsVector.Both(Mnemonic.Pslldq, Shift<PSllDQ, PSllDQ>());
        FormsVector.Both(Mnemonic.Psrldq, Shift<PSrlDQ, PSrlDQ>());
    }

    private static void RegisterBlends()
    {
        FormsVector.Both(Mnemonic.Blendpd, VecCrack.Plain<BlendPD>());
        FormsVector.LegacyOnly(Mnemonic.Pblendvb, Variable<PBlendVB>);
        FormsVector.LegacyOnly(Mnemonic.Blendvps, Variable<BlendVPS>);
        FormsVector.LegacyOnly(Mnemonic.Blendvpd, Variable<BlendVPD>);
    }

    // The count is an immediate or the low quadword of a 128-bit operand, even in 256-bit forms.
    private static Cracker Shift<TOp, TImmediate>()
        where TOp : struct, IVecOp
        where TImmediate : struct, IVecOp => c =>
        {
            int last = c.Instruction.OpCount - 1;
            VecOperands o;
            if (c.IsImmediate(last))
            {
                ushort source = c.Register(last - 1);
                o = new VecOperands(c.Register(0), source, source, c.Immediate(last) & 0xFF, VecCrack.Shape(c));
                VecCrack.EmitPlain<TImmediate>(c, o);
                return;
            }

            o = VecCrack.Operands(c, unary: false);
            if (o.Shape == VecShapeKind.Vex256)
            {
                // Both halves shift by the same count.
                VecEmit.Wide<DuplicateLow>(c, VecCrack.T1, Reg.None, o.B, 0);
                o = o with { B = VecCrack.T1 };
            }

            VecCrack.EmitPlain<TOp>(c, o);
        };

    private static void Variable<TOp>(CrackContext c)
        where TOp : struct, IVecOp3 =>
        VecCrack.EmitPlain3<TOp>(c, VecCrack.Operands(c, unary: false), Reg.Vector(0));

    // A memory operand is one single: the source selector counts for registers only.
    private static void InsertSingle(CrackContext c)
    {
        VecOperands o = VecCrack.Operands(c, unary: false);
        bool memory = c.IsMemory(c.Instruction.OpCount - 2);
        VecCrack.EmitPlain<InsertPS>(c, memory ? o with { Control = o.Control & 0x3F } : o);
    }

    private static Cracker Test<TNarrow, TWide>()
        where TNarrow : struct, IVecToIntOp
        where TWide : struct, IWideToIntOp => c =>
        {
            ushort b = VecCrack.Source(c, 1);
            MicroOp* op = VecCrack.Shape(c) == VecShapeKind.Vex256
                ? VecEmit.WideToInt<TWide>(c, Reg.None, c.Register(0), b)
                : VecEmit.ToInt<TNarrow>(c, Reg.None, c.Register(0), b, 0);
            op->FlagsWritten = FlagMask.All;
        };

    private static void BitField<TRegister, TImmediate>(CrackContext c)
        where TRegister : struct, IVecOp
        where TImmediate : struct, IVecOp
    {
        VecOperands o = VecCrack.Operands(c, unary: false);
        if (c.IsImmediate(c.Instruction.OpCount - 1))
            VecCrack.EmitPlain<TImmediate>(c, o);
        else
            VecCrack.EmitPlain<TRegister>(c, o);
    }
}
