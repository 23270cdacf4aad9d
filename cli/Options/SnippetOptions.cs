using System.CommandLine;
using CoSim.Cli.Snippets;

namespace CoSim.Cli.Options;

/// <summary>What the user chose for `cosim snippet`.</summary>
/// <param name="Words">The snippet, or what holds for all snippets of a file.</param>
/// <param name="File">A file of snippets; null for one snippet.</param>
/// <param name="Json">A file for the results, - for the output; null for none.</param>
/// <param name="Model">The processor.</param>
internal sealed record SnippetChoice(SnippetWords Words, string? File, string? Json, EpycModel Model);

/// <summary>The options of `cosim snippet`.</summary>
internal sealed class SnippetOptions
{
    private readonly Argument<string[]> _code = new("CODE") { Description = "Machine code in hexadecimal; blanks are allowed.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _file = Text("--file", "SNIPPETS", "Run every snippet of a file: a JSON object a line, with members named like these options (docs/snippet-json.md).");
    private readonly Option<string?> _binary = Text("--binary", "FILE", "Take the code from a file of machine code.");
    private readonly Option<string?> _elf = Text("--elf", "FILE", "Take the code from a linked ELF64 file, with --symbol.");
    private readonly Option<string?> _symbol = Text("--symbol", "NAME", "The function of --elf; it goes where it was linked unless --at says otherwise.");
    private readonly Option<string?> _asm = Text("--asm", "TEXT", "Assemble text in Intel syntax, statements separated by semicolons; needs 'as' and 'ld', or 'nasm'.");
    private readonly Option<string?> _asmFile = Text("--asm-file", "FILE", "Assemble a file.");
    private readonly Option<string?> _assembler = Text("--assembler", "TOOL", "'as' or 'nasm'; the first that is installed otherwise.");
    private readonly Option<string?> _at = Text("--at", "ADDRESS", "Linear address of the code. [default: 0x10000; 0x1000 in 16-bit mode]");
    private readonly Option<string?> _until = Text("--until", "ADDRESS", "End before the instruction at this linear address. [default: the end of the code]");
    private readonly Option<string?> _mode = Text("--mode", "BITS", "16 (real mode), 32 (flat, paged) or 64. [default: 64]");
    private readonly Option<bool> _user = Flag("--user", "Run at privilege level 3 instead of 0.");
    private readonly Option<string[]> _set = Texts("--set", "REGISTER=VALUE,...", "Initial registers: rax=1,rflags=0x202,cf=1,xmm0=0x...,ymm1=0x...,st0=2.5,mm3=1,mxcsr=0x1fc0,cr0=...,fs.base=... Everything else is 0.");
    private readonly Option<string[]> _map = Texts("--map", "ADDRESS:SIZE[:RIGHTS][:hex=BYTES|:FILE]", "Memory: zeros, or bytes. RIGHTS are r, w, x, s (supervisor only). [default: rw]");
    private readonly Option<string[]> _show = Texts("--show", "ADDRESS:SIZE", "Show this memory at the end.");
    private readonly Option<string[]> _expect = Texts("--expect", "WHAT=VALUE,...", "What must hold at the end: rax=1, zf=0, st0=2.5, [0x9000]=2a00 (bytes), end=hlt, end=#PF. Names of registers as in --set.");
    private readonly Option<string?> _iterations = Text("--iterations", "N", "Run the code N times, each from its start to its end. [default: 1]");
    private readonly Option<string?> _limit = Text("--max-instructions", "N", "Stop after so many instructions. [default: 10000000]");
    private readonly Option<string?> _engine = Text("--engine", "ENGINE", "'functional' (results only) or 'detailed' (cycles too). [default: functional]");
    private readonly Option<bool> _all = Flag("--all", "Show every register, not only those that changed.");
    private readonly Option<bool> _cold = Flag("--cold", "The detailed run starts with empty caches and predictors, not after a run that warms them.");
    private readonly Option<bool> _warm = Flag("--warm", "The detailed run comes after one that warms caches and predictors: the default.");
    private readonly Option<bool> _noLoop = Flag("--no-loop", "Do not measure the code in a loop.");
    private readonly Option<string?> _unroll = Text("--unroll", "N", "Copies of the code in the measured loop; the jump then counts. [default: two loops whose difference is reported]");
    private readonly Option<string?> _timeline = Text("--timeline", "N", "Show the stages of every micro-op of N iterations.");
    private readonly Option<string?> _json = Text("--json", "FILE", "Write the result as JSON; - for the output.");

    private readonly Option<EpycModel> _model = new("--model")
    {
        Description = "EPYC 7002 model.",
        HelpName = "MODEL",
        DefaultValueFactory = _ => EpycModel.All[0],
        CustomParser = result => EpycModel.Find(MachineOptions.Word(result)) ?? MachineOptions.Fail<EpycModel>(result, "no such EPYC 7002 model"),
    };

    /// <summary>Adds the options to the command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_code);
        Option[] options =
        [
            _file, _binary, _elf, _symbol, _asm, _asmFile, _assembler, _at, _until, _mode, _user, _set, _map, _show, _expect, _iterations, _limit,
            _engine, _all, _cold, _warm, _noLoop, _unroll, _timeline, _json, _model,
        ];
        foreach (Option option in options)
            command.Add(option);
    }

    /// <summary>What the user chose.</summary>
    /// <exception cref="CoSim.Os.Loader.BadInputException">Two choices exclude each other.</exception>
    public SnippetChoice Read(ParseResult parsed)
    {
        string[] code = parsed.GetValue(_code) ?? [];
        bool cold = parsed.GetValue(_cold);
        if (cold && parsed.GetValue(_warm))
            throw SnippetPlace.CommandLine.Wrong("cold", null, "excludes --warm");
        SnippetWords words = new()
        {
            Code = code.Length == 0 ? null : string.Join(' ', code),
            Binary = parsed.GetValue(_binary),
            Elf = parsed.GetValue(_elf),
            Symbol = parsed.GetValue(_symbol),
            Asm = parsed.GetValue(_asm),
            AsmFile = parsed.GetValue(_asmFile),
            Assembler = parsed.GetValue(_assembler),
            At = parsed.GetValue(_at),
            Until = parsed.GetValue(_until),
            Mode = parsed.GetValue(_mode),
            User = parsed.GetValue(_user) ? true : null,
            Set = parsed.GetValue(_set) ?? [],
            Map = parsed.GetValue(_map) ?? [],
            Show = parsed.GetValue(_show) ?? [],
            Expect = parsed.GetValue(_expect) ?? [],
            Iterations = parsed.GetValue(_iterations),
            MaxInstructions = parsed.GetValue(_limit),
            Engine = parsed.GetValue(_engine),
            All = parsed.GetValue(_all) ? true : null,
            Cold = cold ? true : null,
            NoLoop = parsed.GetValue(_noLoop) ? true : null,
            Unroll = parsed.GetValue(_unroll),
            Timeline = parsed.GetValue(_timeline),
        };
        string? file = parsed.GetValue(_file);
        if (file is not null && (words.Code ?? words.Binary ?? words.Asm ?? words.AsmFile ?? words.Symbol) is not null)
            throw SnippetPlace.CommandLine.Wrong("file", file, "its snippets bring their own code");
        return new SnippetChoice(words, file, parsed.GetValue(_json), parsed.GetRequiredValue(_model));
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    private static Option<string[]> Texts(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };
}
