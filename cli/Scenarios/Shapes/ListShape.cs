using System.Text.Json;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Shapes;

/// <summary>Several things of one shape.</summary>
/// <typeparam name="T">One of them.</typeparam>
/// <param name="item">Its shape.</param>
/// <param name="minimum">The least number of them.</param>
/// <param name="maximum">The greatest number.</param>
internal sealed class ListShape<T>(Shape<T> item, int minimum, int maximum) : Shape<IReadOnlyList<T>>
{
    /// <inheritdoc/>
    public override IReadOnlyList<T> Read(YamlNode node)
    {
        if (node is not YamlList list)
            throw node.Place.Error("a list is expected here");
        if (list.Items.Count < minimum || list.Items.Count > maximum)
            throw node.Place.Error($"a list of {minimum} to {maximum} entries is expected here, and this has {list.Items.Count}");
        return [.. list.Items.Select(item.Read)];
    }

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type", "array");
        json.WriteNumber("minItems", minimum);
        json.WriteNumber("maxItems", maximum);
        json.WriteStartObject("items");
        item.WriteSchema(json);
        json.WriteEndObject();
    }
}
