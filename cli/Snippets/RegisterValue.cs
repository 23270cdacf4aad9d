using System.Numerics;

namespace CoSim.Cli.Snippets;

/// <summary>A register and what it is set to.</summary>
/// <param name="Register">The register.</param>
/// <param name="Value">Its bits.</param>
/// <param name="Word">What the user wrote.</param>
internal sealed record RegisterValue(RegisterName Register, BigInteger Value, string Word)
{
    /// <summary>Parses <c>rax=1</c> or <c>st0=2.5</c>.</summary>
    /// <param name="option">The option that it belongs to: <c>set</c> or <c>expect</c>.</param>
    /// <param name="word">One setting.</param>
    /// <param name="mode">The mode that the register must exist in.</param>
    /// <param name="place">Where it was written.</param>
    public static RegisterValue Parse(string option, string word, BareMode mode, SnippetPlace place)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw place.Wrong(option, word, "write REGISTER=VALUE");
        string name = word[..equals].Trim();
        string text = word[(equals + 1)..].Trim();
        if (!RegisterCatalog.TryFind(name, out RegisterName register))
            throw place.Wrong(option, word, $"no such register '{name}'");
        if (register.OnlyLong && mode != BareMode.Long64)
            throw place.Wrong(option, word, $"{name} exists in 64-bit mode only");
        if (register.Kind == RegisterKind.Ymm && mode == BareMode.Real16)
            throw place.Wrong(option, word, "there is no AVX in 16-bit mode");
        if (register.Kind == RegisterKind.Stack && ExtendedReal.TryParse(text, out UInt128 real))
            return new RegisterValue(register, real, word);
        if (!SnippetNumber.TryParse(text, register.Bits, out BigInteger value))
            throw place.Wrong(option, word, $"'{text}' is not a number of {register.Bits} bits{(register.Kind == RegisterKind.Stack ? ", nor a decimal fraction" : "")}");
        if (option == "set")
            Check(register, value, word, mode, place);
        return new RegisterValue(register, value, word);
    }

    private static void Check(RegisterName register, BigInteger value, string word, BareMode mode, SnippetPlace place)
    {
        const uint reservedMxcsr = 0xFFFC_0000; // bits 31:18; bit 16 is checked below (AMD APM vol. 1, 4.2.2)
        if (register.Kind == RegisterKind.Mxcsr && ((uint)value & (reservedMxcsr | 0x1_0000)) != 0)
            throw place.Wrong("set", word, "reserved bits of MXCSR (16, 18 to 31) must be 0");
        if (register.Kind == RegisterKind.Control && register.Index == 0)
        {
            const uint protection = 1, paging = 1u << 31;
            uint wanted = mode == BareMode.Real16 ? 0 : protection | paging;
            if (((uint)value & (protection | paging)) != wanted)
                throw place.Wrong("set", word, "PE and PG of CR0 belong to the mode; choose it by --mode");
        }
        if (register.Kind == RegisterKind.Control && register.Index == 4 && mode != BareMode.Real16 && ((uint)value & (1 << 5)) == 0)
            throw place.Wrong("set", word, "PAE of CR4 must stay set: the page tables need it");
    }
}
