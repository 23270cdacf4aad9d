using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of packs, unpacks, shuffles and extensions.</summary>
internal static class FormsVectorShuffle
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormsVector.Both(Mnemonic.Packsswb, VecCrack.Plain<PackSsWB>());
        FormsVector.Both(Mnemonic.Packssdw, VecCrack.Plain<PackSsDW>());
        FormsVector.Both(Mnemonic.Packuswb, VecCrack.Plain<PackUsWB>());
        FormsVector.Both(Mnemonic.Packusdw, VecCrack.Plain<PackUsDW>());
        FormsVector.Both(Mnemonic.Punpcklbw, VecCrack.Plain<PUnpckLBW>());
        FormsVector.Both(Mnemonic.Punpcklwd, VecCrack.Plain<PUnpckLWD>());
        FormsVector.Both(Mnemonic.Punpckldq, VecCrack.Plain<PUnpckLDQ>());
        FormsVector.Both(Mnemonic.Punpckhbw, VecCrack.Plain<PUnpckHBW>());
        FormsVector.Both(Mnemonic.Punpckhwd, VecCrack.Plain<PUnpckHWD>());
        FormsVector.Both(Mnemonic.Punpckhdq, VecCrack.Plain<PUnpckHDQ>());
        FormsVector.Both(Mnemonic.Punpcklqdq, VecCrack.Plain<PUnpckLQdq>());
        FormsVector.Both(Mnemonic.Punpckhqdq, VecCrack.Plain<PUnpckHQdq>());
        FormsVector.Both(Mnemonic.Unpcklps, VecCrack.Plain<PUnpckLDQ>());
        FormsVector.Both(Mnemonic.Unpckhps, VecCrack.Plain<PUnpckHDQ>());
        FormsVector.Both(Mnemonic.Unpcklpd, VecCrack.Plain<PUnpckLQdq>());
        FormsVector.Both(Mnemonic.Unpckhpd, VecCrack.Plain<PUnpckHQdq>());
        FormsVector.Both(Mnemonic.Shufps, VecCrack.Plain<ShufPS>());
        FormsVector.Both(Mnemonic.Shufpd, VecCrack.Plain<ShufPD>());
        FormsVector.Both(Mnemonic.Pshufb, VecCrack.Plain<PShufB>());
        FormsVector.Both(Mnemonic.Palignr, VecCrack.Plain<PAlignR>());
        FormsVector.Both(Mnemonic.Pblendw, VecCrack.Plain<PBlendW>());
        FormsVector.Both(Mnemonic.Blendps, VecCrack.Plain<BlendPS>());
        FormsVector.Both(Mnemonic.Movhlps, VecCrack.Plain<MovHlps>());
        FormsVector.Both(Mnemonic.Movlhps, VecCrack.Plain<PUnpckLQdq>());
        FormsVector.Both(Mnemonic.Pshufd, VecCrack.PlainUnary<PShufD>());
        FormsVector.Both(Mnemonic.Pshuflw, VecCrack.PlainUnary<PShufLW>());
        FormsVector.Both(Mnemonic.Pshufhw, VecCrack.PlainUnary<PShufHW>());
        FormsVector.Both(Mnemonic.Movddup, VecCrack.PlainUnary<MovDDup>());
        FormsVector.Both(Mnemonic.Movsldup, VecCrack.PlainUnary<MovSLDup>());
        FormsVector.Both(Mnemonic.Movshdup, VecCrack.PlainUnary<MovSHDup>());
        FormsVector.Both(Mnemonic.Pmovsxbw, Extend<PMovSxBW>);
        FormsVector.Both(Mnemonic.Pmovzxbw, Extend<PMovZxBW>);
        FormsVector.Both(Mnemonic.Pmovsxbd, Extend<PMovSxBD>);
        FormsVector.Both(Mnemonic.Pmovzxbd, Extend<PMovZxBD>);
        FormsVector.Both(Mnemonic.Pmovsxbq, Extend<PMovSxBQ>);
        FormsVector.Both(Mnemonic.Pmovzxbq, Extend<PMovZxBQ>);
        FormsVector.Both(Mnemonic.Pmovsxwd, Extend<PMovSxWD>);
        FormsVector.Both(Mnemonic.Pmovzxwd, Extend<PMovZxWD>);
        FormsVector.Both(Mnemonic.Pmovsxwq, Extend<PMovSxWQ>);
        FormsVector.Both(Mnemonic.Pmovzxwq, Extend<PMovZxWQ>);
        FormsVector.Both(Mnemonic.Pmovsxdq, Extend<PMovSxDQ>);
        FormsVector.Both(Mnemonic.Pmovzxdq, Extend<PMovZxDQ>);
    }

    // The upper half of a 256-bit form extends the upper part of a 128-bit source.
    private static unsafe void Extend<TOp>(CrackContext c)
        where TOp : struct, IVecExtension
    {
        VecOperands o = VecCrack.Operands(c, unary: true);
        if (o.Shape == VecShapeKind.Vex256)
            VecEmit.Wide<ExtendWide<TOp>>(c, o.Dst, Reg.None, o.B, 0);
        else
            VecCrack.EmitPlain<TOp>(c, o);
    }
}
