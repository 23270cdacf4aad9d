using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>What the core does with an instruction form.</summary>
internal enum FormStatus
{
    /// <summary>Executed.</summary>
    Implemented,

    /// <summary>Executed as a NOP or a prefetch, as Zen 2 does with encodings that later processors gave a meaning.</summary>
    Hint,

    /// <summary>A Zen 2 has it; the model raises #UD and logs it by name. <see cref="FormInventory.Reason"/> says why.</summary>
    NotModelled,

    /// <summary>#UD, as on a Zen 2.</summary>
    Undefined,

    /// <summary>An assembler's name for two instructions, or a directive: never the result of decoding.</summary>
    NotDecoded,

    /// <summary>In Zen 2's set, without a row and without a reason: a mistake.</summary>
    Missing,
}

/// <summary>Sorts every form that the decoder library knows: the source of docs/instructions.md.</summary>
internal static class FormInventory
{
    /// <summary>Forms of Zen 2 that the model leaves out, each with the reason.</summary>
    private static readonly Dictionary<Mnemonic, string> s_notModelled = [];

    /// <summary>WAIT (9Bh) and the instruction without it: the decoder gives two.</summary>
    private static readonly HashSet<Mnemonic> s_afterWait =
    [
        Mnemonic.Fstenv, Mnemonic.Fstcw, Mnemonic.Fclex, Mnemonic.Finit, Mnemonic.Feni, Mnemonic.Fdisi, Mnemonic.Fsetpm, Mnemonic.Fsave, Mnemonic.Fstsw,
    ];

    /// <summary>What the core does with a form.</summary>
    public static FormStatus Of(Code code)
    {
        if (!code.ToOpCode().IsInstruction || s_afterWait.Contains(code.Mnemonic()))
            return FormStatus.NotDecoded;
        bool row = FormTable.Row(code) is not null;
        if (Zen2Features.IsHint(code))
            return row ? FormStatus.Hint : FormStatus.Missing;
        if (!Zen2Features.Has(code))
            return FormStatus.Undefined;
        if (row)
            return FormStatus.Implemented;
        return Reason(code) is null ? FormStatus.Missing : FormStatus.NotModelled;
    }

    /// <summary>Why a form of Zen 2 is not modelled, or null.</summary>
    public static string? Reason(Code code) => s_notModelled.GetValueOrDefault(code.Mnemonic());
}
