using CoSim.Cli.Scenarios.Shapes;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>What <see cref="HuntPlan"/> looks like in a scenario.</summary>
internal static class HuntPlanShapes
{
    private const int LargestWeight = 100, MostTogether = 8, MostOwn = 64;

    private static readonly Shape<long> Weight = new IntegerShape(0, LargestWeight);

    private static readonly Shape<OwnDeviation> Own = new RecordShape<OwnDeviation>(place => new OwnDeviation { Place = place })
        .Must("name", ScenarioShapes.Text, "What reports call it.", (o, v) => o with { Name = v })
        .May("weight", Weight, "Turns in a round of draws, in which every kind has its turns; 1 unless it is said.", (o, v) => o with { Weight = (int)v })
        .OneOf("what deviates", "fault", new PieceShape(), "A fault without a name, with ranges such as 1ms..64ms, 1..10 or core|all in the place of values.", (o, v) => o with { Piece = v, IsFault = true })
        .OneOf("what deviates", "setting", new PieceShape(), "What is laid over the scenario, with ranges in the place of values.", (o, v) => o with { Piece = v });

    /// <summary>What a scenario says about hunts.</summary>
    public static readonly Shape<HuntPlan> Plan = new RecordShape<HuntPlan>(_ => HuntPlan.Usual)
        .May("most", new IntegerShape(1, MostTogether), "Most deviations of one run; 3 unless it is said.", (p, v) => p with { Most = (int)v })
        .May("weights", Weights(), "Turns of each kind of deviation in a round of draws; 0 for never.", (p, v) => p with { Weights = v })
        .May("deviations", new ListShape<OwnDeviation>(Own, 1, MostOwn), "Kinds of deviations that are drawn besides those that every hunt knows.", (p, v) => p with { Own = v });

    private static RecordShape<IReadOnlyDictionary<string, int>> Weights()
    {
        RecordShape<IReadOnlyDictionary<string, int>> weights = new(_ => new Dictionary<string, int>());
        foreach (HuntKind kind in HuntSpace.Settings.Concat(HuntSpace.Effects).Concat(HuntSpace.Triggers))
            weights.May(kind.Name, Weight, $"Turns of '{kind.Name}'.", (w, v) => new Dictionary<string, int>(w) { [kind.Name] = (int)v });
        return weights;
    }
}
