using System.Globalization;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>A deviation with its values: a setting, a fault, or a fault's effect and trigger.</summary>
/// <param name="What">The setting, the fault or the effect.</param>
/// <param name="When">The trigger of an effect; else null.</param>
/// <param name="Values">The values of <paramref name="What"/>, then those of <paramref name="When"/>.</param>
internal sealed record HuntDeviation(HuntKind What, HuntKind? When, IReadOnlyList<long> Values)
{
    /// <summary>For reports: what deviates.</summary>
    public string Name => When is null ? What.Name : $"{What.Name} ({When.Name})";

    /// <summary>Whether it is an entry of the scenario's faults; else it is laid over the scenario.</summary>
    public bool IsFault => What.IsFault;

    /// <summary>The parameter of each value.</summary>
    public IReadOnlyList<HuntParameter> Parameters => [.. What.Parameters, .. When?.Parameters ?? []];

    /// <summary>The piece of a scenario file: a mapping to lay over it, or a fault.</summary>
    /// <param name="number">The fault's number, which makes its name the only one.</param>
    public string Text(int number)
    {
        long[] values = [.. Values];
        string what = What.Fill(values.AsSpan(0, What.Parameters.Length));
        if (!IsFault)
            return what;
        string name = string.Create(CultureInfo.InvariantCulture, $"{What.Name} {number}");
        return When is null ? $"{{name: {name}, {what[1..]}" : $"{{name: {name}, {When.Fill(values.AsSpan(What.Parameters.Length))}, {what}}}";
    }

    /// <summary>The piece as a document.</summary>
    /// <param name="file">The file that it is for.</param>
    /// <param name="number">See <see cref="Text"/>.</param>
    public YamlNode Piece(string file, int number) => YamlTree.Read(file, Text(number));

    /// <summary>The same with another value.</summary>
    public HuntDeviation With(int index, long value)
    {
        long[] values = [.. Values];
        values[index] = value;
        return this with { Values = values };
    }
}
