using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Shapes;

/// <summary>A decimal number.</summary>
internal sealed class DecimalShape : Shape<decimal>
{
    /// <inheritdoc/>
    public override decimal Read(YamlNode node) =>
        node is YamlWord { IsPlain: true } word && decimal.TryParse(word.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            ? value
            : throw node.Place.Error("a number such as 12 or -0.5 is expected here");

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        const long limit = 1_000_000_000_000_000_000;
        json.WriteString("type", "number");
        json.WriteNumber("minimum", -limit);
        json.WriteNumber("maximum", limit);
    }
}

/// <summary>A regular expression of .NET without look-around and back references, so that matching takes linear time.</summary>
/// <param name="maximum">Its greatest length.</param>
/// <param name="groups">The number of groups that it must have at least.</param>
internal sealed class RegexShape(int maximum, int groups) : Shape<Regex>
{
    private readonly TextShape _text = new(maximum);

    /// <inheritdoc/>
    public override Regex Read(YamlNode node)
    {
        string text = _text.Read(node);
        Regex pattern;
        try
        {
            pattern = new Regex(text, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (ArgumentException e)
        {
            throw node.Place.Error($"is no regular expression: {e.Message.TrimEnd('.')}");
        }
        catch (NotSupportedException e)
        {
            throw node.Place.Error($"is no regular expression that matches in linear time: {e.Message.TrimEnd('.')}");
        }
        return pattern.GetGroupNumbers().Length > groups ? pattern : throw node.Place.Error("the number must be in a group: '([0-9]+)'");
    }

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type", "string");
        json.WriteString("format", "regex");
        json.WriteNumber("minLength", 1);
        json.WriteNumber("maxLength", maximum);
    }
}

/// <summary>A value with its place, for errors that show later.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <param name="shape">Its shape.</param>
internal sealed class PlacedShape<T>(Shape<T> shape) : Shape<(YamlPlace Place, T Value)?>
{
    /// <inheritdoc/>
    public override (YamlPlace Place, T Value)? Read(YamlNode node) => (node.Place, shape.Read(node));

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json) => shape.WriteSchema(json);
}
