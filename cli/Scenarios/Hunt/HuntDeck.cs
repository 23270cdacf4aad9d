using System.Globalization;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>
/// Draws runs. In a round of runs every setting and every effect leads as often as it has turns, in an order of the hunt's seed, so that
/// a hunt of few runs leaves none out; what comes besides is drawn by the same weights.
/// </summary>
internal sealed class HuntDeck
{
    private const ulong Seeds = 1 << 20;

    private readonly ulong _seed;
    private readonly int _cores, _most;
    private readonly HuntKind[] _kinds, _triggers;

    /// <summary>Prepares the draws.</summary>
    /// <param name="seed">The hunt's seed.</param>
    /// <param name="scenario">The scenario.</param>
    /// <exception cref="BadInputException">Nothing is left that could deviate, or a kind of the scenario's own cannot be used.</exception>
    public HuntDeck(ulong seed, Scenario scenario)
    {
        _seed = seed;
        _cores = scenario.Machine.Choice.Cores;
        HuntPlan plan = scenario.Hunt;
        _most = plan.Most;
        HuntKind[] own = [.. plan.Own.Select(HuntRange.Kind)];
        _kinds = Turns(HuntSpace.Settings.Concat(HuntSpace.Effects).Select(k => Weighted(k, plan)).Concat(own));
        _triggers = Turns(HuntSpace.Triggers.Select(k => Weighted(k, plan)));
        if (_kinds.Length == 0 || _triggers.Length == 0)
            throw scenario.Place.Error("hunt: no kind of deviation, or no trigger, has a weight above 0");
    }

    /// <summary>Runs after which every kind has had its turns.</summary>
    public int Round => _kinds.Length;

    /// <summary>Draws a run; it depends on the seed, the scenario and its own number only.</summary>
    /// <param name="run">The run's number, from 1.</param>
    public HuntCandidate Draw(int run)
    {
        SeededRandom random = Random("hunt", run);
        ulong interleaving = 1 + random.Below(Seeds - 1);
        List<HuntDeviation> deviations = [Draw(random, Leader(run))];
        for (ulong count = random.Below((ulong)_most); count > 0; count--)
            deviations.Add(Draw(random, _kinds[random.Below((ulong)_kinds.Length)]));
        return new HuntCandidate(random.Chance(1, 2) && _cores > 1 ? interleaving : null, deviations);
    }

    /// <summary>The kind whose turn it is: a place in the round's own order.</summary>
    private HuntKind Leader(int run)
    {
        int round = (run - 1) / _kinds.Length, place = (run - 1) % _kinds.Length;
        SeededRandom random = Random("round", round);
        int[] order = [.. Enumerable.Range(0, _kinds.Length)];
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = (int)random.Below((ulong)i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return _kinds[order[place]];
    }

    private HuntDeviation Draw(SeededRandom random, HuntKind what)
    {
        HuntKind? when = what.NeedsTrigger ? _triggers[random.Below((ulong)_triggers.Length)] : null;
        return new HuntDeviation(what, when, [.. what.Parameters.Concat(when?.Parameters ?? []).Select(p => p.Draw(random, _cores))]);
    }

    private SeededRandom Random(string purpose, int number) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{purpose} {number}"), unchecked(_seed * 0x9E3779B97F4A7C15 + (ulong)number));

    private static HuntKind Weighted(HuntKind kind, HuntPlan plan) => plan.Weights.TryGetValue(kind.Name, out int weight) ? kind with { Weight = weight } : kind;

    private HuntKind[] Turns(IEnumerable<HuntKind> kinds) => [.. kinds.Where(k => k.LeastCores <= _cores).SelectMany(k => Enumerable.Repeat(k, k.Weight))];
}
