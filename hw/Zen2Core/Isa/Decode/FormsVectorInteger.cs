using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of packed integer arithmetic, comparison and logic.</summary>
internal static class FormsVectorInteger
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormsVector.Both(Mnemonic.Paddb, VecCrack.Plain<PAddB>());
        FormsVector.Both(Mnemonic.Psubb, VecCrack.Plain<PSubB>());
        FormsVector.Both(Mnemonic.Paddw, VecCrack.Plain<PAddW>());
        FormsVector.Both(Mnemonic.Psubw, VecCrack.Plain<PSubW>());
        FormsVector.Both(Mnemonic.Paddd, VecCrack.Plain<PAddD>());
        FormsVector.Both(Mnemonic.Psubd, VecCrack.Plain<PSubD>());
        FormsVector.Both(Mnemonic.Paddq, VecCrack.Plain<PAddQ>());
        FormsVector.Both(Mnemonic.Psubq, VecCrack.Plain<PSubQ>());
        FormsVector.Both(Mnemonic.Paddsb, VecCrack.Plain<PAddSB>());
        FormsVector.Both(Mnemonic.Psubsb, VecCrack.Plain<PSubSB>());
        FormsVector.Both(Mnemonic.Paddusb, VecCrack.Plain<PAddUsB>());
        FormsVector.Both(Mnemonic.Psubusb, VecCrack.Plain<PSubUsB>());
        FormsVector.Both(Mnemonic.Paddsw, VecCrack.Plain<PAddSW>());
        FormsVector.Both(Mnemonic.Psubsw, VecCrack.Plain<PSubSW>());
        FormsVector.Both(Mnemonic.Paddusw, VecCrack.Plain<PAddUsW>());
        FormsVector.Both(Mnemonic.Psubusw, VecCrack.Plain<PSubUsW>());
        FormsVector.Both(Mnemonic.Pavgb, VecCrack.Plain<PAvgB>());
        FormsVector.Both(Mnemonic.Pavgw, VecCrack.Plain<PAvgW>());
        FormsVector.Both(Mnemonic.Pminsb, VecCrack.Plain<PMinSB>());
        FormsVector.Both(Mnemonic.Pmaxsb, VecCrack.Plain<PMaxSB>());
        FormsVector.Both(Mnemonic.Pminub, VecCrack.Plain<PMinUB>());
        FormsVector.Both(Mnemonic.Pmaxub, VecCrack.Plain<PMaxUB>());
        FormsVector.Both(Mnemonic.Pminsw, VecCrack.Plain<PMinSW>());
        FormsVector.Both(Mnemonic.Pmaxsw, VecCrack.Plain<PMaxSW>());
        FormsVector.Both(Mnemonic.Pminuw, VecCrack.Plain<PMinUW>());
        FormsVector.Both(Mnemonic.Pmaxuw, VecCrack.Plain<PMaxUW>());
        FormsVector.Both(Mnemonic.Pminsd, VecCrack.Plain<PMinSD>());
        FormsVector.Both(Mnemonic.Pmaxsd, VecCrack.Plain<PMaxSD>());
        FormsVector.Both(Mnemonic.Pminud, VecCrack.Plain<PMinUD>());
        FormsVector.Both(Mnemonic.Pmaxud, VecCrack.Plain<PMaxUD>());
        FormsVector.Both(Mnemonic.Pabsb, VecCrack.PlainUnary<PAbsB>());
        FormsVector.Both(Mnemonic.Psignb, VecCrack.Plain<PSignB>());
        FormsVector.Both(Mnemonic.Pabsw, VecCrack.PlainUnary<PAbsW>());
        FormsVector.Both(Mnemonic.Psignw, VecCrack.Plain<PSignW>());
        FormsVector.Both(Mnemonic.Pabsd, VecCrack.PlainUnary<PAbsD>());
        FormsVector.Both(Mnemonic.Psignd, VecCrack.Plain<PSignD>());
        FormsVector.Both(Mnemonic.Pcmpeqb, VecCrack.Plain<PCmpEqB>());
        FormsVector.Both(Mnemonic.Pcmpgtb, VecCrack.Plain<PCmpGtB>());
        FormsVector.Both(Mnemonic.Pcmpeqw, VecCrack.Plain<PCmpEqW>());
        FormsVector.Both(Mnemonic.Pcmpgtw, VecCrack.Plain<PCmpGtW>());
        FormsVector.Both(Mnemonic.Pcmpeqd, VecCrack.Plain<PCmpEqD>());
        FormsVector.Both(Mnemonic.Pcmpgtd, VecCrack.Plain<PCmpGtD>());
        FormsVector.Both(Mnemonic.Pcmpeqq, VecCrack.Plain<PCmpEqQ>());
        FormsVector.Both(Mnemonic.Pcmpgtq, VecCrack.Plain<PCmpGtQ>());
        FormsVector.Both(Mnemonic.Pand, VecCrack.Plain<PAnd>());
        FormsVector.Both(Mnemonic.Pandn, VecCrack.Plain<PAndNot>());
        FormsVector.Both(Mnemonic.Por, VecCrack.Plain<POr>());
        FormsVector.Both(Mnemonic.Pxor, VecCrack.Plain<PXor>());
        FormsVector.Both(Mnemonic.Andps, VecCrack.Plain<PAnd>());
        FormsVector.Both(Mnemonic.Andpd, VecCrack.Plain<PAnd>());
        FormsVector.Both(Mnemonic.Andnps, VecCrack.Plain<PAndNot>());
        FormsVector.Both(Mnemonic.Andnpd, VecCrack.Plain<PAndNot>());
        FormsVector.Both(Mnemonic.Orps, VecCrack.Plain<POr>());
        FormsVector.Both(Mnemonic.Orpd, VecCrack.Plain<POr>());
        FormsVector.Both(Mnemonic.Xorps, VecCrack.Plain<PXor>());
        FormsVector.Both(Mnemonic.Xorpd, VecCrack.Plain<PXor>());
        FormsVector.Both(Mnemonic.Pmullw, VecCrack.Plain<PMulLW>());
        FormsVector.Both(Mnemonic.Pmulld, VecCrack.Plain<PMulLD>());
        FormsVector.Both(Mnemonic.Pmulhw, VecCrack.Plain<PMulHW>());
        FormsVector.Both(Mnemonic.Pmulhuw, VecCrack.Plain<PMulHUW>());
        FormsVector.Both(Mnemonic.Pmulhrsw, VecCrack.Plain<PMulHRSW>());
        FormsVector.Both(Mnemonic.Pmuludq, VecCrack.Plain<PMulUDQ>());
        FormsVector.Both(Mnemonic.Pmuldq, VecCrack.Plain<PMulDQ>());
        FormsVector.Both(Mnemonic.Pmaddwd, VecCrack.Plain<PMAddWD>());
        FormsVector.Both(Mnemonic.Pmaddubsw, VecCrack.Plain<PMAddUBSW>());
        FormsVector.Both(Mnemonic.Psadbw, VecCrack.Plain<PSadBW>());
        FormsVector.Both(Mnemonic.Phminposuw, VecCrack.PlainUnary<PHMinPosUW>());
        FormsVector.Both(Mnemonic.Phaddw, VecCrack.Plain<PHAddW>());
        FormsVector.Both(Mnemonic.Phaddd, VecCrack.Plain<PHAddD>());
        FormsVector.Both(Mnemonic.Phaddsw, VecCrack.Plain<PHAddSW>());
        FormsVector.Both(Mnemonic.Phsubw, VecCrack.Plain<PHSubW>());
        FormsVector.Both(Mnemonic.Phsubd, VecCrack.Plain<PHSubD>());
        FormsVector.Both(Mnemonic.Phsubsw, VecCrack.Plain<PHSubSW>());
    }
}
