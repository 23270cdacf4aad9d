using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>What MMX instructions do with their registers, by their operands.</summary>
internal static class MmxUse
{
    private static readonly InstructionInfoFactory s_information = new();

    /// <summary>The use of a form; register operands are looked at when it is decoded.</summary>
    public static StackUse Of(Code code)
    {
        Mnemonic mnemonic = code.Mnemonic();
        if (mnemonic == Mnemonic.Maskmovq)
            return StackUse.Serial;
        StackUse use = StackUse.Known | StackUse.Mmx | StackUse.KeepsC1 | StackUse.KeepsPointers;
        if (mnemonic == Mnemonic.Emms)
            return use | StackUse.EmptiesAll | StackUse.Moves;
        OpCodeInfo form = code.ToOpCode();
        if (IsMmx(form.Op0Kind))
            use |= StackUse.IntoFirst | (ReadsFirst(code) ? StackUse.First : StackUse.Known);
        else if (form.Op1Kind == OpCodeOperandKind.mm_reg)
            use |= StackUse.Stores;
        if (form.OpCount > 1 && IsMmx(form.Op1Kind))
            use |= StackUse.Second;
        if (mnemonic == Mnemonic.Cvtpi2ps)
            use |= StackUse.MergesVector;
        return mnemonic is Mnemonic.Movd or Mnemonic.Movq or Mnemonic.Movntq ? use | StackUse.Moves : use;
    }

    private static bool ReadsFirst(Code code)
    {
        // Two registers, not one twice: PXOR and its like read nothing then.
        Instruction instruction = new() { Code = code, Op0Register = Register.MM0, Op1Register = Register.MM1 };
        return s_information.GetInfo(instruction).Op0Access is OpAccess.ReadWrite;
    }

    private static bool IsMmx(OpCodeOperandKind kind) => kind is OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm or OpCodeOperandKind.mm_or_mem;
}
