namespace CoSim.Cli.Snippets;

/// <summary>A snippet as the user wrote it, on the command line or in a line of a file; null where nothing was said.</summary>
internal sealed record SnippetWords
{
    /// <summary>Its name in results.</summary>
    public string? Name { get; init; }

    /// <summary>Machine code in hexadecimal.</summary>
    public string? Code { get; init; }

    /// <summary>A file with machine code and nothing else.</summary>
    public string? Binary { get; init; }

    /// <summary>An ELF64 file.</summary>
    public string? Elf { get; init; }

    /// <summary>A function of <see cref="Elf"/>.</summary>
    public string? Symbol { get; init; }

    /// <summary>Assembly text, statements separated by semicolons or ends of lines.</summary>
    public string? Asm { get; init; }

    /// <summary>A file with assembly text.</summary>
    public string? AsmFile { get; init; }

    /// <summary><c>as</c> or <c>nasm</c>.</summary>
    public string? Assembler { get; init; }

    /// <summary>Where the code goes.</summary>
    public string? At { get; init; }

    /// <summary>Where the run ends.</summary>
    public string? Until { get; init; }

    /// <summary><c>16</c>, <c>32</c> or <c>64</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>Privilege level 3.</summary>
    public bool? User { get; init; }

    /// <summary>Registers: <c>rax=1</c>.</summary>
    public IReadOnlyList<string>? Set { get; init; }

    /// <summary>Memory.</summary>
    public IReadOnlyList<string>? Map { get; init; }

    /// <summary>Memory to show.</summary>
    public IReadOnlyList<string>? Show { get; init; }

    /// <summary>What must hold at the end: <c>rax=1</c>.</summary>
    public IReadOnlyList<string>? Expect { get; init; }

    /// <summary>How often the code runs from its start to its end.</summary>
    public string? Iterations { get; init; }

    /// <summary>Limit of instructions.</summary>
    public string? MaxInstructions { get; init; }

    /// <summary><c>functional</c> or <c>detailed</c>.</summary>
    public string? Engine { get; init; }

    /// <summary>Every register in the result.</summary>
    public bool? All { get; init; }

    /// <summary>Caches and predictors are empty at the start.</summary>
    public bool? Cold { get; init; }

    /// <summary>Leave out the measurement in a loop.</summary>
    public bool? NoLoop { get; init; }

    /// <summary>Copies of the code in the measured loop.</summary>
    public string? Unroll { get; init; }

    /// <summary>Iterations in the timeline.</summary>
    public string? Timeline { get; init; }

    /// <summary>These words, with those of the command line where nothing was said. Code comes from one source only.</summary>
    public SnippetWords Over(SnippetWords defaults)
    {
        bool ownCode = Code is not null || Binary is not null || Elf is not null || Asm is not null || AsmFile is not null;
        return new SnippetWords
        {
            Name = Name ?? defaults.Name,
            Code = Code,
            Binary = Binary,
            Elf = Elf ?? (ownCode ? null : defaults.Elf),
            Symbol = Symbol,
            Asm = Asm,
            AsmFile = AsmFile,
            Assembler = Assembler ?? defaults.Assembler,
            At = At ?? defaults.At,
            Until = Until ?? defaults.Until,
            Mode = Mode ?? defaults.Mode,
            User = User ?? defaults.User,
            Set = [.. defaults.Set ?? [], .. Set ?? []],
            Map = [.. defaults.Map ?? [], .. Map ?? []],
            Show = [.. defaults.Show ?? [], .. Show ?? []],
            Expect = [.. defaults.Expect ?? [], .. Expect ?? []],
            Iterations = Iterations ?? defaults.Iterations,
            MaxInstructions = MaxInstructions ?? defaults.MaxInstructions,
            Engine = Engine ?? defaults.Engine,
            All = All ?? defaults.All,
            Cold = Cold ?? defaults.Cold,
            NoLoop = NoLoop ?? defaults.NoLoop,
            Unroll = Unroll ?? defaults.Unroll,
            Timeline = Timeline ?? defaults.Timeline,
        };
    }
}
