using CoSim.Hw.Zen2Core.Isa.Float;
using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of conversions between formats and integers.</summary>
internal static unsafe class FormsVectorConvert
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormsVector.LegacyOnly(Mnemonic.Cvtps2pd, VecCrack.FloatUnary<CvtPS2PD>());
        FormsVector.LegacyOnly(Mnemonic.Cvtpd2ps, VecCrack.FloatUnary<CvtPD2PS>());
        FormsVector.Both(Mnemonic.Cvtss2sd, VecCrack.Float<CvtSS2SD>());
        FormsVector.Both(Mnemonic.Cvtsd2ss, VecCrack.Float<CvtSD2SS>());
        FormsVector.Both(Mnemonic.Cvtdq2ps, VecCrack.FloatUnary<CvtDQ2PS>());
        FormsVector.Both(Mnemonic.Cvtps2dq, VecCrack.FloatUnary<CvtPS2DQ<RoundAsControlled>>());
        FormsVector.Both(Mnemonic.Cvttps2dq, VecCrack.FloatUnary<CvtPS2DQ<Truncate>>());
        FormsVector.LegacyOnly(Mnemonic.Cvtdq2pd, VecCrack.FloatUnary<CvtDQ2PD>());
        FormsVector.LegacyOnly(Mnemonic.Cvtpd2dq, VecCrack.FloatUnary<CvtPD2DQ<RoundAsControlled>>());
        FormsVector.LegacyOnly(Mnemonic.Cvttpd2dq, VecCrack.FloatUnary<CvtPD2DQ<Truncate>>());
        FormsVector.Both(Mnemonic.Cvtsi2ss, FromInteger<CvtSI2SS>);
        FormsVector.Both(Mnemonic.Cvtsi2sd, FromInteger<CvtSI2SD>);
        FormsVector.Both(Mnemonic.Cvtss2si, ToInteger<CvtToInt<Binary32, RoundAsControlled>>);
        FormsVector.Both(Mnemonic.Cvttss2si, ToInteger<CvtToInt<Binary32, Truncate>>);
        FormsVector.Both(Mnemonic.Cvtsd2si, ToInteger<CvtToInt<Binary64, RoundAsControlled>>);
        FormsVector.Both(Mnemonic.Cvttsd2si, ToInteger<CvtToInt<Binary64, Truncate>>);
    }

    private static void FromInteger<TOp>(CrackContext c)
        where TOp : struct, IIntToVecOp
    {
        int last = c.Instruction.OpCount - 1;
        ulong bytes = (ulong)c.OperandBytes(last);
        ushort source = VecCrack.IntSource(c, last);
        VecCrack.EmitFromInt<TOp>(c, c.Register(0), c.Register(last - 1), source, bytes);
    }

    private static void ToInteger<TOp>(CrackContext c)
        where TOp : struct, IVecToIntOp
    {
        ushort source = VecCrack.Source(c, 1);
        VecEmit.ToInt<TOp>(c, c.Register(0), Reg.None, source, (ulong)c.OperandBytes(0));
    }
}
