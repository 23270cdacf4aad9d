using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>What a scenario says about hunts: how much deviates, how often each kind has its turn, and kinds of its own.</summary>
internal sealed record HuntPlan
{
    /// <summary>A scenario that says nothing.</summary>
    public static readonly HuntPlan Usual = new();

    /// <summary>Most deviations of one run.</summary>
    public int Most { get; init; } = 3;

    /// <summary>Turns of kinds of <see cref="HuntSpace"/> in a round, by their names; 1 for those that are not here, 0 for never.</summary>
    public IReadOnlyDictionary<string, int> Weights { get; init; } = new Dictionary<string, int>();

    /// <summary>Kinds that the scenario describes itself.</summary>
    public IReadOnlyList<OwnDeviation> Own { get; init; } = [];
}

/// <summary>A kind of deviation as a scenario describes it: a fault or a setting in which some values are ranges.</summary>
internal sealed record OwnDeviation
{
    /// <summary>Where it stands.</summary>
    public required YamlPlace Place { get; init; }

    /// <summary>What it is called.</summary>
    public string Name { get; init; } = "";

    /// <summary>Turns in a round.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Whether it is a fault; else a setting.</summary>
    public bool IsFault { get; init; }

    /// <summary>The fault, or what is laid over the scenario.</summary>
    public YamlMap? Piece { get; init; }
}
