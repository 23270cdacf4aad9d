using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Os.Loader;

namespace CoSim.Cli.Options;

/// <summary>What the user chose about the machine.</summary>
/// <param name="Model">The processor.</param>
/// <param name="Cores">Cores that are present: at most those of the model.</param>
/// <param name="MemoryBytes">Size of the memory in bytes.</param>
/// <param name="Seed">Seed of everything that is random in the machine.</param>
/// <param name="Engine">Engine that executes what is measured or run.</param>
public sealed record MachineChoice(EpycModel Model, int Cores, ulong MemoryBytes, ulong Seed, EngineKind Engine)
{
    /// <summary>Instructions per core cycle of the functional engine.</summary>
    public FunctionalRate Rate { get; init; } = FunctionalRate.One;

    /// <summary>Whether the functional engine translates hot code to host machine code.</summary>
    public bool Translate { get; init; } = true;
}

/// <summary>The options that every command with a machine has.</summary>
internal sealed class MachineOptions
{
    /// <summary>Cores that our operating system boots on at most: one bit each of a 64-bit affinity mask.</summary>
    private const int OwnSystemCores = 64;

    private readonly Option<EpycModel> _model = new("--model")
    {
        Description = "Processor: " + string.Join(", ", EpycModel.All.Select(m => m.Name)) + ".",
        HelpName = "MODEL",
        DefaultValueFactory = _ => EpycModel.All[0],
        CustomParser = result => EpycModel.Find(Word(result)) ?? Fail<EpycModel>(result, "no such EPYC 7002 model"),
    };

    private readonly Option<int> _cores;

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

    private readonly Option<FunctionalRate> _rate = new("--ipc")
    {
        Description = "Instructions per core cycle of the functional engine, N or N/M: a small one makes programs that wait for the time cheap to simulate.",
        HelpName = "N/M",
        DefaultValueFactory = _ => FunctionalRate.One,
        CustomParser = Rate,
    };

    private readonly Option<string> _translate = new("--translate")
    {
        Description = "Whether the functional engine translates hot code to host machine code: 'on' or 'off'. Results are the same.",
        HelpName = "CHOICE",
        DefaultValueFactory = _ => "on",
        CustomParser = result => Word(result).ToLowerInvariant() is "on" or "off" ? Word(result).ToLowerInvariant() : Fail<string>(result, "must be 'on' or 'off'"),
    };

    private readonly Option<EngineKind?> _engine;
    private readonly EngineKind _defaultEngine;

    /// <summary>The options for a command that runs our operating system.</summary>
    public MachineOptions(EngineKind defaultEngine)
        : this(defaultEngine, OwnSystemCores)
    {
    }

    /// <summary>The options, with a default engine and a limit to the cores.</summary>
    public MachineOptions(EngineKind defaultEngine, int maximumCores)
    {
        _defaultEngine = defaultEngine;
        _cores = new("--cores")
        {
            Description = $"Cores that are present, 1 to {maximumCores}, and at most those of the model.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
            CustomParser = result => Integer(result, 1, maximumCores),
        };
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
        foreach (Option option in (Option[])[_model, _cores, _memory, _seed, _engine, _rate, _translate])
            command.Add(option);
    }

    /// <summary>Adds the options but model and cores, for a command with several machines.</summary>
    public void AddCommonTo(Command command)
    {
        foreach (Option option in (Option[])[_memory, _seed, _engine, _rate, _translate])
            command.Add(option);
    }

    /// <summary>What the user chose.</summary>
    /// <exception cref="BadInputException">The model has fewer cores.</exception>
    public MachineChoice Read(ParseResult parsed)
    {
        EpycModel model = parsed.GetRequiredValue(_model);
        int cores = parsed.GetRequiredValue(_cores);
        if (cores > model.Cores)
            throw new BadInputException($"--cores '{cores}'", $"an EPYC {model.Name} has {model.Cores}");
        return Read(parsed, model, cores);
    }

    /// <summary>The same for a processor and a number of cores that other options chose.</summary>
    public MachineChoice Read(ParseResult parsed, EpycModel model, int cores) =>
        new(model, cores, parsed.GetRequiredValue(_memory).Bytes, parsed.GetRequiredValue(_seed), parsed.GetValue(_engine) ?? _defaultEngine)
        {
            Rate = parsed.GetRequiredValue(_rate),
            Translate = parsed.GetRequiredValue(_translate) == "on",
        };

    private static FunctionalRate Rate(ArgumentResult result)
    {
        string[] parts = Word(result).Split('/');
        uint[] numbers = [.. parts.Select(p => uint.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out uint n) && n <= Machine.MaxRate ? n : 0)];
        return parts.Length is 1 or 2 && !numbers.Contains(0u)
            ? new FunctionalRate(numbers[0], parts.Length == 2 ? numbers[1] : 1)
            : Fail<FunctionalRate>(result, $"must be N or N/M with whole numbers from 1 to {Machine.MaxRate}");
    }

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
