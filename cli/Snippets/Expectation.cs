using System.Globalization;
using System.Numerics;

namespace CoSim.Cli.Snippets;

/// <summary>Something that must hold at the end of a snippet: a register's value, bytes of memory, or the way it ends.</summary>
internal abstract record Expectation
{
    private const string Form = "write REGISTER=VALUE, [ADDRESS]=BYTES or end=WORD";

    /// <summary>What it is about, as the user wrote it.</summary>
    public required string What { get; init; }

    /// <summary>Parses <c>rax=1</c>, <c>[0x9000]=2a00</c> or <c>end=#PF</c>.</summary>
    /// <param name="word">One expectation.</param>
    /// <param name="mode">The mode that a register must exist in.</param>
    /// <param name="place">Where it was written.</param>
    /// <exception cref="CoSim.Os.Loader.BadInputException">It cannot be understood, or nothing of the kind is in a result.</exception>
    public static Expectation Parse(string word, BareMode mode, SnippetPlace place)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw place.Wrong("expect", word, Form);
        string what = word[..equals].Trim(), value = word[(equals + 1)..].Trim();
        if (what.Equals("end", StringComparison.OrdinalIgnoreCase))
            return ExpectedEnd.Parse(value, word, place);
        if (what.StartsWith('['))
            return ExpectedMemory.Parse(what, value, word, place);
        RegisterValue register = RegisterValue.Parse("expect", word, mode, place);
        return ExpectedRegister.IsShown(register.Register)
            ? new ExpectedRegister(register) { What = what }
            : throw place.Wrong("expect", word, $"a result does not hold {what}");
    }

    /// <summary>Compares with what the snippet did.</summary>
    /// <returns>The difference; null when it holds.</returns>
    public abstract UnmetExpectation? Check(SnippetResult result, BareCore core);

    /// <summary>A number as results have it.</summary>
    protected static string Hex(BigInteger value, int bits) =>
        "0x" + (bits <= 64 ? ((ulong)value).ToString("x", CultureInfo.InvariantCulture) : SnippetText.Hex(value, bits / 4));
}

/// <summary>An expectation that did not hold.</summary>
/// <param name="What">A register, an address in brackets, or <c>end</c>.</param>
/// <param name="Expected">What should have been.</param>
/// <param name="Found">What was.</param>
internal sealed record UnmetExpectation(string What, string Expected, string Found);

/// <summary>A register must hold a value; of a narrow name only its own bits count.</summary>
internal sealed record ExpectedRegister(RegisterValue Wanted) : Expectation
{
    private const int Empty = 3;

    /// <summary>Whether results hold the register.</summary>
    public static bool IsShown(RegisterName register) => register.Kind is not (RegisterKind.Debug or RegisterKind.TimeStampCounter);

    /// <inheritdoc/>
    public override UnmetExpectation? Check(SnippetResult result, BareCore core)
    {
        RegisterName register = Wanted.Register;
        BigInteger? found = ValueOf(result.After, register);
        return found == Wanted.Value ? null : new(What, Hex(Wanted.Value, register.Bits), found is { } bits ? Hex(bits, register.Bits) : "empty");
    }

    private static BigInteger? ValueOf(MachineState state, RegisterName register)
    {
        int n = register.Index;
        BigInteger? whole = register.Kind switch
        {
            RegisterKind.General => state.General[n],
            RegisterKind.InstructionPointer => state.InstructionPointer,
            RegisterKind.Flags => state.Flags,
            RegisterKind.Flag => state.Flags >> n,
            RegisterKind.Xmm or RegisterKind.Ymm => state.Vectors[n],
            RegisterKind.Stack => state.Tags[n] == Empty ? null : (BigInteger)state.Stack[n],
            RegisterKind.Mmx => state.Mmx[n],
            RegisterKind.Mxcsr => state.Mxcsr,
            RegisterKind.X87Control => state.X87Control,
            RegisterKind.X87Status => state.X87Status,
            RegisterKind.Selector => state.Segments[n].Selector,
            RegisterKind.SegmentBase => state.Segments[n].Base,
            RegisterKind.SegmentLimit => state.Segments[n].Limit,
            RegisterKind.Control => state.Control.Single(c => c.Name == string.Create(CultureInfo.InvariantCulture, $"cr{n}")).Value,
            _ => throw new InvalidOperationException($"no {register.Kind} in a result"),
        };
        return whole is { } bits ? bits & ((BigInteger.One << register.Bits) - 1) : null;
    }
}

/// <summary>Memory must hold bytes.</summary>
internal sealed record ExpectedMemory(ulong Address, byte[] Bytes) : Expectation
{
    /// <summary>Parses <c>[ADDRESS]</c> and bytes in hexadecimal.</summary>
    public static ExpectedMemory Parse(string what, string value, string word, SnippetPlace place)
    {
        if (!what.EndsWith(']') || what[1..].StartsWith('-') || !SnippetNumber.TryParse(what[1..^1], out ulong address))
            throw place.Wrong("expect", word, "write [ADDRESS]=BYTES");
        if (!HexBytes.TryParse(value, out byte[] bytes, out string? problem))
            throw place.Wrong("expect", word, problem!);
        if (bytes.Length == 0)
            throw place.Wrong("expect", word, "there are no bytes");
        return (ulong)(bytes.Length - 1) <= ulong.MaxValue - address
            ? new ExpectedMemory(address, bytes) { What = what }
            : throw place.Wrong("expect", word, "reaches beyond the last address");
    }

    /// <inheritdoc/>
    public override UnmetExpectation? Check(SnippetResult result, BareCore core)
    {
        byte[] found = new byte[Bytes.Length];
        if (!core.TryRead(Address, found))
            return new(What, Convert.ToHexStringLower(Bytes), "not mapped");
        return found.AsSpan().SequenceEqual(Bytes) ? null : new(What, Convert.ToHexStringLower(Bytes), Convert.ToHexStringLower(found));
    }
}

/// <summary>The snippet must end in a certain way: <c>hlt</c>, <c>end</c> and so on, or by an exception of a name.</summary>
internal sealed record ExpectedEnd(string Way) : Expectation
{
    /// <summary>Parses the way.</summary>
    public static ExpectedEnd Parse(string value, string word, SnippetPlace place)
    {
        bool named = SnippetNames.Exceptions.Contains(value, StringComparer.OrdinalIgnoreCase);
        bool known = named || (value.Length > 0 && char.IsLetter(value[0]) && Enum.TryParse<SnippetEnd>(value, ignoreCase: true, out _));
        return known
            ? new ExpectedEnd(named ? value.ToUpperInvariant() : value.ToLowerInvariant()) { What = "end" }
            : throw place.Wrong("expect", word, $"must be one of {string.Join(", ", Enum.GetNames<SnippetEnd>()).ToLowerInvariant()}, or an exception's name such as #PF");
    }

    /// <inheritdoc/>
    public override UnmetExpectation? Check(SnippetResult result, BareCore core)
    {
        string end = result.End.ToString().ToLowerInvariant();
        string name = result.Exception is { Software: false } exception ? SnippetNames.OfVector(exception.Vector) : "";
        return Way == end || (name.Length > 0 && Way == name) ? null : new(What, Way, name.Length > 0 ? name : end);
    }
}
