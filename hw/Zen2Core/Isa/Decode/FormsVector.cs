using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of vector instructions: the legacy forms and, where the CPU has one, the VEX form of the same meaning.</summary>
internal static class FormsVector
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormsVectorInteger.Register();
        FormsVectorShuffle.Register();
        FormsVectorMoves.Register();
        FormsVectorFloat.Register();
        FormsVectorConvert.Register();
        FormsVectorSpecial.Register();
        FormsStringCompare.Register();
    }

    /// <summary>Adds rows for all xmm (and ymm) forms of a legacy mnemonic and of its V form; the MMX forms have their own rows.</summary>
    public static void Both(Mnemonic mnemonic, Cracker cracker)
    {
        LegacyOnly(mnemonic, cracker);
        if (Enum.TryParse("V" + mnemonic, ignoreCase: true, out Mnemonic vex))
            FormTable.Add(vex, EncodingKind.VEX, cracker);
    }

    /// <summary>Adds rows for the legacy xmm forms of a mnemonic.</summary>
    public static void LegacyOnly(Mnemonic mnemonic, Cracker cracker)
    {
        foreach (Code code in FormTable.CodesOf(mnemonic))
        {
            if (code.Encoding() == EncodingKind.Legacy && !UsesMmx(code))
                FormTable.Add(code, cracker);
        }
    }

    /// <summary>Whether a form has an MMX register operand.</summary>
    public static bool UsesMmx(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        for (int i = 0; i < info.OpCount; i++)
        {
            if (info.GetOpKind(i) is OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm or OpCodeOperandKind.mm_or_mem)
                return true;
        }

        return false;
    }
}
