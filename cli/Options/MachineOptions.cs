using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace CoSim.Cli.Options;

/// <summary>What the user chose about the machine.</summary>
/// <param name="Model">The processor.</param>
/// <param name="Cores">Cores that are present, 1 to 8.</param>
/// <param name="MemoryBytes">Size of the memory in bytes.</param>
/// <param name="Seed">Seed of everything that is random in the machine.</param>
/// <param name="Engine">Engine that executes what is measured or run.</param>
public sealed record MachineChoice(EpycModel Model, int Cores, ulong MemoryBytes, ulong Seed, EngineKind Engine);

/// <summary>The options that every command with a machine has.</summary>
internal sealed class MachineOptions
{
    /// <summary>Cores that the operating system boots on at most.</summary>
    private const int MaximumCores = 8;

    private readonly Option<EpycModel> _model = new("--model")
    {
        Description = "Processor: " + string.Join(", ", EpycModel.All.Select(m => m.Name)) + ".",
        HelpName = "MODEL",
        DefaultValueFactory = _ => EpycModel.All[0],
        CustomParser = result => EpycModel.Find(Word(result)) ?? Fail<EpycModel>(result, "no such EPYC 7002 model"),
    };

    private readonly Option<int> _cores = new("--cores")
    {
        Description = $"Cores that are present, 1 to {MaximumCores}.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = result => Integer(result, 1, MaximumCores),
    };

    private readonly Option<MemorySize> _memory = new("--memory")
    {
        Description = "Size of the memory.",
        HelpName = "SIZE",
        DefaultValueFactory = _ => MemorySize.Default,
        CustomParser = result => MemorySize.TryParse(Word(result), out MemorySize size, out string? problem) ? size : Fail<MemorySize>(result, problem!),
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed: the same seed gives the same bytes.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = result => ulong.TryParse(Word(result), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : Fail<ulong>(result, $"must be a whole number from 0 to {ulong.MaxValue}"),
    };

    private readonly Option<EngineKind?> _engine;
    private readonly EngineKind _defaultEngine;

    /// <summary>The options, with a default engine.</summary>
    public MachineOptions(EngineKind defaultEngine)
    {
        _defaultEngine = defaultEngine;
        _engine = EngineOption("--engine", $"Engine: 'functional' (fast) or 'detailed' (the Zen 2 pipeline, cycle by cycle). [default: {defaultEngine.ToString().ToLowerInvariant()}]");
    }

    /// <summary>An option whose value is an engine; null where it is not used.</summary>
    public static Option<EngineKind?> EngineOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ENGINE",
        CustomParser = result => Word(result).ToLowerInvariant() switch
        {
            "functional" => EngineKind.Functional,
            "detailed" => EngineKind.Detailed,
            _ => Fail<EngineKind?>(result, "must be 'functional' or 'detailed'"),
        },
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_model, _cores, _memory, _seed, _engine])
            command.Add(option);
    }

    /// <summary>What the user chose.</summary>
    public MachineChoice Read(ParseResult parsed) => new(
        parsed.GetRequiredValue(_model),
        parsed.GetRequiredValue(_cores),
        parsed.GetRequiredValue(_memory).Bytes,
        parsed.GetRequiredValue(_seed),
        parsed.GetValue(_engine) ?? _defaultEngine);

    /// <summary>The option's only word.</summary>
    public static string Word(ArgumentResult result) => result.Tokens.Count == 1 ? result.Tokens[0].Value : "";

    /// <summary>Reports an unusable value under the option's name.</summary>
    public static T Fail<T>(ArgumentResult result, string problem)
    {
        result.AddError($"{((result.Parent as OptionResult)?.Option.Name ?? result.Argument.Name)} '{Word(result)}': {problem}");
        return default!;
    }

    /// <summary>A whole number within bounds.</summary>
    public static int Integer(ArgumentResult result, int minimum, int maximum) =>
        int.TryParse(Word(result), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= minimum && value <= maximum
            ? value
            : Fail<int>(result, $"must be a whole number from {minimum} to {maximum}");
}
