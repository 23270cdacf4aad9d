using System.Text.Json;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Shapes;

/// <summary>A mapping that is looked into later: a piece of a scenario with ranges in the place of values.</summary>
internal sealed class PieceShape : Shape<YamlMap>
{
    /// <inheritdoc/>
    public override YamlMap Read(YamlNode node) => node as YamlMap ?? throw node.Place.Error("a mapping is expected here: a piece of a scenario");

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json) => json.WriteString("type", "object");
}
