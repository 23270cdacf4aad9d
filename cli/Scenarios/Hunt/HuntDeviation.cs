using System.Globalization;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>A deviation with its values: a setting, or a fault's effect and trigger.</summary>
/// <param name="What">The setting or the effect.</param>
/// <param name="When">The trigger; null for a setting.</param>
/// <param name="Values">The values of <paramref name="What"/>, then those of <paramref name="When"/>.</param>
internal sealed record HuntDeviation(HuntKind What, HuntKind? When, IReadOnlyList<long> Values)
{
    /// <summary>For reports: what deviates.</summary>
    public string Name => When is null ? What.Name : $"{What.Name} ({When.Name})";

    /// <summary>The parameter of each value.</summary>
    public IReadOnlyList<HuntParameter> Parameters => [.. What.Parameters, .. When?.Parameters ?? []];

    /// <summary>The piece of a scenario file: a mapping to lay over it, or a fault.</summary>
    /// <param name="number">The fault's number, for its name.</param>
    public string Text(int number)
    {
        long[] values = [.. Values];
        string what = What.Fill(values.AsSpan(0, What.Parameters.Length));
        return When is null ? what : string.Create(CultureInfo.InvariantCulture, $"{{name: hunt {number} {What.Name}, {When.Fill(values.AsSpan(What.Parameters.Length))}, {what}}}");
    }

    /// <summary>The same with another value.</summary>
    public HuntDeviation With(int index, long value)
    {
        long[] values = [.. Values];
        values[index] = value;
        return this with { Values = values };
    }

    /// <summary>Draws a deviation.</summary>
    /// <param name="random">Where from.</param>
    /// <param name="cores">Cores of the scenario's machine.</param>
    public static HuntDeviation Draw(SeededRandom random, int cores)
    {
        bool isSetting = random.Chance(1, 2);
        HuntKind what = DrawKind(random, isSetting ? HuntSpace.Settings : HuntSpace.Effects, cores);
        HuntKind? when = isSetting ? null : DrawKind(random, HuntSpace.Triggers, cores);
        List<long> values = [];
        foreach (HuntParameter parameter in (HuntParameter[])[.. what.Parameters, .. when?.Parameters ?? []])
            values.Add(parameter.Draw(random, cores));
        return new HuntDeviation(what, when, values);
    }

    private static HuntKind DrawKind(SeededRandom random, IReadOnlyList<HuntKind> kinds, int cores)
    {
        HuntKind[] possible = [.. kinds.Where(k => k.LeastCores <= cores)];
        return possible[random.Below((ulong)possible.Length)];
    }
}
