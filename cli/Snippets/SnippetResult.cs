namespace CoSim.Cli.Snippets;

/// <summary>Why a snippet ended.</summary>
internal enum SnippetEnd
{
    /// <summary>It reached the end of its code, as often as was asked.</summary>
    End,

    /// <summary>It reached the address of the user's.</summary>
    Until,

    /// <summary>HLT.</summary>
    Hlt,

    /// <summary>MWAIT or MWAITX, which nothing ends.</summary>
    Mwait,

    /// <summary>An exception.</summary>
    Exception,

    /// <summary>INT n, INT3 or INTO.</summary>
    Interrupt,

    /// <summary>The limit of instructions.</summary>
    Limit,

    /// <summary>The core shut down.</summary>
    Shutdown,
}

/// <summary>What a snippet did.</summary>
internal sealed record SnippetResult
{
    /// <summary>The snippet.</summary>
    public required SnippetRequest Request { get; init; }

    /// <summary>Why it ended.</summary>
    public required SnippetEnd End { get; init; }

    /// <summary>The exception or software interrupt, if that is why.</summary>
    public required BareException? Exception { get; init; }

    /// <summary>Instructions that retired.</summary>
    public required ulong Instructions { get; init; }

    /// <summary>Iterations that were completed.</summary>
    public required ulong Iterations { get; init; }

    /// <summary>Registers at the start.</summary>
    public required MachineState Before { get; init; }

    /// <summary>Registers at the end.</summary>
    public required MachineState After { get; init; }

    /// <summary>The memory that was asked for; null where some of it is not mapped.</summary>
    public required IReadOnlyList<(ShownMemory Range, byte[]? Bytes)> Memory { get; init; }

    /// <summary>What the code touched that is not modelled.</summary>
    public required IReadOnlyList<string> Unmodelled { get; init; }

    /// <summary>Expectations that did not hold, in their order.</summary>
    public IReadOnlyList<UnmetExpectation> Unmet { get; init; } = [];

    /// <summary>Cycles, ports and causes; null on the functional engine.</summary>
    public SnippetTiming? Timing { get; init; }

    /// <summary>Exit status: an expectation did not hold; else, unless the end is one of them, the code ended by itself, by an exception or shutdown, or at the limit.</summary>
    public int Status => Unmet.Count > 0 ? UnmetStatus : Request.Expect.Any(e => e is ExpectedEnd) ? 0 : End switch
    {
        SnippetEnd.Exception or SnippetEnd.Interrupt or SnippetEnd.Shutdown => ExceptionStatus,
        SnippetEnd.Limit => LimitStatus,
        _ => 0,
    };

    /// <summary>Exit status when an expectation did not hold.</summary>
    public const int UnmetStatus = 1;

    /// <summary>Exit status after an exception, software interrupt or shutdown.</summary>
    public const int ExceptionStatus = 3;

    /// <summary>Exit status at the limit of instructions.</summary>
    public const int LimitStatus = 4;
}
