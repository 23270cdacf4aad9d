using Iced.Intel;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Cracks one instruction into micro-ops.</summary>
internal delegate void Cracker(CrackContext context);

/// <summary>
/// The one table of instruction forms: a row for each of Iced's <c>Code</c> values, filled by theme from the <c>Forms*</c>
/// classes. A form without a row decodes to #UD and is logged by name.
/// </summary>
internal static class FormTable
{
    private static readonly int s_count = Enum.GetValues<Code>().Length;
    private static readonly Cracker?[] s_rows = new Cracker?[s_count];
    private static readonly ILookup<Mnemonic, Code> s_codes = Enumerable.Range(0, s_count)
        .Select(n => (Code)n).ToLookup(code => code.Mnemonic());

    static FormTable()
    {
        FormsBasic.Register();
        FormsControl.Register();
        FormsShift.Register();
        FormsMultiply.Register();
        FormsBits.Register();
        FormsFlags.Register();
        FormsString.Register();
        FormsHints.Register();
        FormsSegment.Register();
        FormsSystem.Register();
        FormsVector.Register();
        FormsX87.Register();
        FormsFxState.Register();
        FormsMmx.Register();
        FormsAvx.Register();
        FormsFma.Register();
        RemoveForeign();
    }

    /// <summary>The row of <paramref name="code"/>, or null.</summary>
    public static Cracker? Row(Code code) => s_rows[(int)code];

    // A mnemonic's row covers all its forms; those of later processors (VAES on YMM registers) and of earlier ones (POP CS) stay undefined.
    private static void RemoveForeign()
    {
        for (int n = 0; n < s_count; n++)
        {
            if (s_rows[n] is not null && !Zen2Features.Has((Code)n) && !Zen2Features.IsHint((Code)n))
                s_rows[n] = null;
        }
    }

    /// <summary>The row of what does not decode: #UD.</summary>
    public static unsafe void Undefined(CrackContext context) => MicrocodeEmit.Emit(context, MicrocodeKinds.Undefined);

    /// <summary>Every form that has a row.</summary>
    public static IEnumerable<Code> Implemented =>
        Enumerable.Range(0, s_rows.Length).Where(n => s_rows[n] is not null).Select(n => (Code)n);

    /// <summary>Gives every legacy-encoded form of a mnemonic the row <paramref name="cracker"/>.</summary>
    public static void Add(Mnemonic mnemonic, Cracker cracker)
    {
        foreach (Code code in s_codes[mnemonic].Where(code => code.Encoding() is EncodingKind.Legacy))
            s_rows[(int)code] = cracker;
    }

    /// <summary>Gives every form of a mnemonic in one encoding space the row <paramref name="cracker"/>.</summary>
    public static void Add(Mnemonic mnemonic, EncodingKind encoding, Cracker cracker)
    {
        foreach (Code code in s_codes[mnemonic].Where(code => code.Encoding() == encoding))
            s_rows[(int)code] = cracker;
    }

    /// <summary>All forms of a mnemonic, in every encoding space.</summary>
    public static IEnumerable<Code> CodesOf(Mnemonic mnemonic) => s_codes[mnemonic];

    /// <summary>Gives one form its row.</summary>
    public static void Add(Code code, Cracker cracker) => s_rows[(int)code] = cracker;
}
