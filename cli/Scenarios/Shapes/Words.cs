using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Shapes;

/// <summary>Text of one or more characters.</summary>
/// <param name="maximum">Its greatest length.</param>
internal sealed class TextShape(int maximum) : Shape<string>
{
    /// <inheritdoc/>
    public override string Read(YamlNode node)
    {
        string text = node is YamlWord word ? word.Text : throw node.Place.Error("text is expected here");
        if (text.Length == 0)
            throw node.Place.Error("text is expected here, and this is empty");
        return text.Length <= maximum ? text : throw node.Place.Error($"is longer than {maximum} characters");
    }

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteStartArray("type");
        foreach (string type in (string[])["string", "number", "boolean"])
            json.WriteStringValue(type);
        json.WriteEndArray();
        json.WriteNumber("minLength", 1);
        json.WriteNumber("maxLength", maximum);
    }
}

/// <summary>A whole number.</summary>
/// <param name="minimum">The least.</param>
/// <param name="maximum">The greatest.</param>
internal sealed class IntegerShape(long minimum, long maximum) : Shape<long>
{
    /// <inheritdoc/>
    public override long Read(YamlNode node) =>
        node is YamlWord { IsPlain: true } word && long.TryParse(word.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= minimum && value <= maximum
            ? value
            : throw node.Place.Error($"a whole number from {minimum} to {maximum} is expected here");

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type", "integer");
        json.WriteNumber("minimum", minimum);
        json.WriteNumber("maximum", maximum);
    }
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class FlagShape : Shape<bool>
{
    /// <inheritdoc/>
    public override bool Read(YamlNode node) => node is YamlWord { IsPlain: true, Text: "true" or "false" } word
        ? word.Text == "true"
        : throw node.Place.Error("true or false is expected here");

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json) => json.WriteString("type", "boolean");
}

/// <summary>One of several words.</summary>
/// <typeparam name="T">What a word means.</typeparam>
/// <param name="choices">The words and their meanings.</param>
internal sealed class ChoiceShape<T>(IReadOnlyList<(string Word, T Meaning)> choices) : Shape<T>
{
    /// <inheritdoc/>
    public override T Read(YamlNode node)
    {
        string text = node is YamlWord word ? word.Text : throw node.Place.Error($"a word is expected here: {string.Join(", ", choices.Select(c => c.Word))}");
        foreach ((string name, T meaning) in choices)
        {
            if (name == text)
                return meaning;
        }
        throw node.Place.Error($"'{text}' is not known here; {NearestWord.Hint(text, [.. choices.Select(c => c.Word)])}");
    }

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteStartArray("enum");
        foreach ((string name, T _) in choices)
        {
            json.WriteStringValue(name);
            // Without quotes YAML makes a number of it.
            if (long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    }
}

/// <summary>Gives the meaning of a text.</summary>
/// <returns>False when it has none.</returns>
internal delegate bool TextParser<T>(string text, out T value);

/// <summary>Text that follows a pattern and has a meaning.</summary>
/// <typeparam name="T">What it means.</typeparam>
/// <param name="pattern">What the schema says about it: a regular expression for all of the text.</param>
/// <param name="expected">What is expected, with an example, for errors.</param>
/// <param name="parse">Gives the meaning.</param>
internal sealed class PatternShape<T>(string pattern, string expected, TextParser<T> parse) : Shape<T>
{
    private const int Longest = 64;
    private readonly Regex _pattern = new(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    /// <summary>The regular expression of the schema.</summary>
    public string Pattern => pattern;

    /// <inheritdoc/>
    public override T Read(YamlNode node) =>
        node is YamlWord { Text: { Length: <= Longest } text } && _pattern.IsMatch(text) && parse(text, out T value)
            ? value
            : throw node.Place.Error($"{expected} is expected here");

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type", "string");
        json.WriteString("pattern", pattern);
    }
}

/// <summary>A number in hexadecimal. YAML takes <c>0x3</c> for the number 3 (YAML 1.2.2, 10.3.2), and so does who validates by the schema.</summary>
/// <param name="text">The same as text.</param>
internal sealed class HexadecimalShape(PatternShape<ulong> text) : Shape<ulong>
{
    /// <inheritdoc/>
    public override ulong Read(YamlNode node) => text.Read(node);

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteStartArray("type");
        json.WriteStringValue("string");
        json.WriteStringValue("integer");
        json.WriteEndArray();
        json.WriteString("pattern", text.Pattern);
        json.WriteNumber("minimum", 0);
    }
}
