using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Float;
using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of floating-point arithmetic and comparison.</summary>
internal static unsafe class FormsVectorFloat
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        Four<FloatAdd>(Mnemonic.Addps, Mnemonic.Addpd, Mnemonic.Addss, Mnemonic.Addsd);
        Four<FloatSubtract>(Mnemonic.Subps, Mnemonic.Subpd, Mnemonic.Subss, Mnemonic.Subsd);
        Four<FloatMultiply>(Mnemonic.Mulps, Mnemonic.Mulpd, Mnemonic.Mulss, Mnemonic.Mulsd);
        Four<FloatDivide>(Mnemonic.Divps, Mnemonic.Divpd, Mnemonic.Divss, Mnemonic.Divsd);
        Four<FloatMinimum>(Mnemonic.Minps, Mnemonic.Minpd, Mnemonic.Minss, Mnemonic.Minsd);
        Four<FloatMaximum>(Mnemonic.Maxps, Mnemonic.Maxpd, Mnemonic.Maxss, Mnemonic.Maxsd);
        RegisterPredicates();
        Unary<FloatSquareRoot>(Mnemonic.Sqrtps, Mnemonic.Sqrtpd, Mnemonic.Sqrtss, Mnemonic.Sqrtsd);
        Unary<FloatRound>(Mnemonic.Roundps, Mnemonic.Roundpd, Mnemonic.Roundss, Mnemonic.Roundsd);
        FormsVector.Both(Mnemonic.Rcpps, VecCrack.FloatUnary<PackedSingle<FloatReciprocalEstimate>>());
        FormsVector.Both(Mnemonic.Rcpss, VecCrack.Float<ScalarSingle<FloatReciprocalEstimate>>());
        FormsVector.Both(Mnemonic.Rsqrtps, VecCrack.FloatUnary<PackedSingle<FloatRootEstimate>>());
        FormsVector.Both(Mnemonic.Rsqrtss, VecCrack.Float<ScalarSingle<FloatRootEstimate>>());
        FormsVector.Both(Mnemonic.Addsubps, VecCrack.Float<AddSubSingle>());
        FormsVector.Both(Mnemonic.Addsubpd, VecCrack.Float<AddSubDouble>());
        FormsVector.Both(Mnemonic.Haddps, VecCrack.Float<HorizontalSingle<FloatAdd>>());
        FormsVector.Both(Mnemonic.Haddpd, VecCrack.Float<HorizontalDouble<FloatAdd>>());
        FormsVector.Both(Mnemonic.Hsubps, VecCrack.Float<HorizontalSingle<FloatSubtract>>());
        FormsVector.Both(Mnemonic.Hsubpd, VecCrack.Float<HorizontalDouble<FloatSubtract>>());
        FormsVector.Both(Mnemonic.Dpps, VecCrack.Float<DotProductSingle>());
        FormsVector.Both(Mnemonic.Dppd, VecCrack.Float<DotProductDouble>());
        FormsVector.Both(Mnemonic.Comiss, Compare<ComIs<Binary32, QuietSignals>>());
        FormsVector.Both(Mnemonic.Comisd, Compare<ComIs<Binary64, QuietSignals>>());
        FormsVector.Both(Mnemonic.Ucomiss, Compare<ComIs<Binary32, QuietPasses>>());
        FormsVector.Both(Mnemonic.Ucomisd, Compare<ComIs<Binary64, QuietPasses>>());
    }

    private static void Four<TOp>(Mnemonic ps, Mnemonic pd, Mnemonic ss, Mnemonic sd)
        where TOp : struct, IFloatOp
    {
        FormsVector.Both(ps, VecCrack.Float<PackedSingle<TOp>>());
        FormsVector.Both(pd, VecCrack.Float<PackedDouble<TOp>>());
        FormsVector.Both(ss, VecCrack.Float<ScalarSingle<TOp>>());
        FormsVector.Both(sd, VecCrack.Float<ScalarDouble<TOp>>());
    }

    private static void Unary<TOp>(Mnemonic ps, Mnemonic pd, Mnemonic ss, Mnemonic sd)
        where TOp : struct, IFloatOp
    {
        FormsVector.Both(ps, VecCrack.FloatUnary<PackedSingle<TOp>>());
        FormsVector.Both(pd, VecCrack.FloatUnary<PackedDouble<TOp>>());
        FormsVector.Both(ss, VecCrack.Float<ScalarSingle<TOp>>());
        FormsVector.Both(sd, VecCrack.Float<ScalarDouble<TOp>>());
    }

    // CMPSD is also the mnemonic of a string instruction: only the form with vector registers belongs here.
    private static void RegisterPredicates()
    {
        FormsVector.Both(Mnemonic.Cmpps, VecCrack.FloatPredicate<PackedSingle<FloatTest>>());
        FormsVector.Both(Mnemonic.Cmppd, VecCrack.FloatPredicate<PackedDouble<FloatTest>>());
        FormsVector.Both(Mnemonic.Cmpss, VecCrack.FloatPredicate<ScalarSingle<FloatTest>>());
        FormTable.Add(Code.Cmpsd_xmm_xmmm64_imm8, VecCrack.FloatPredicate<ScalarDouble<FloatTest>>());
        FormTable.Add(Mnemonic.Vcmpsd, EncodingKind.VEX, VecCrack.FloatPredicate<ScalarDouble<FloatTest>>());
    }

    private static Cracker Compare<TOp>()
        where TOp : struct, IVecToIntOp => c =>
        {
            ushort b = VecCrack.Source(c, 1);
            VecEmit.ToInt<TOp>(c, Reg.None, c.Register(0), b, 0)->FlagsWritten = FlagMask.All;
        };
}
