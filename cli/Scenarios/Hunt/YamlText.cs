using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>Writes a document as text that <see cref="YamlTree"/> reads as the same nodes: block style at the top, flow style below.</summary>
internal static partial class YamlText
{
    private static readonly JsonSerializerOptions s_quoted = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a document.</summary>
    public static string Of(YamlMap root)
    {
        StringBuilder text = new();
        foreach (YamlEntry entry in root.Entries)
            Write(text, entry, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, YamlEntry entry, int indent)
    {
        text.Append(' ', indent).Append(Word(entry.Key)).Append(':');
        switch (entry.Value)
        {
            case YamlMap { Entries.Count: > 0 } map when indent == 0 && map.Entries.Any(e => e.Value is YamlList):
                text.Append('\n');
                foreach (YamlEntry inner in map.Entries)
                    Write(text, inner, 2);
                break;
            case YamlList { Items.Count: > 0 } list when list.Items.Any(i => i is not YamlWord):
                text.Append('\n');
                foreach (YamlNode item in list.Items)
                    text.Append(' ', indent + 2).Append("- ").Append(Item(item)).Append('\n');
                break;
            default:
                text.Append(' ').Append(Flow(entry.Value)).Append('\n');
                break;
        }
    }

    /// <summary>A node in one line.</summary>
    public static string Flow(YamlNode node) => node switch
    {
        YamlMap map => "{" + string.Join(", ", map.Entries.Select(e => $"{Word(e.Key)}: {Flow(e.Value)}")) + "}",
        YamlList list => "[" + string.Join(", ", list.Items.Select(Flow)) + "]",
        YamlWord word => Word(word),
        _ => "",
    };

    /// <summary>An entry of a list: a mapping of one needs no braces.</summary>
    private static string Item(YamlNode node) => node is YamlMap { Entries: [YamlEntry only] } ? $"{Word(only.Key)}: {Flow(only.Value)}" : Flow(node);

    /// <summary>A word; quotes matter, because only what has none is a number or a truth value. A string of JSON is one of YAML (1.2.2, section 1.3).</summary>
    private static string Word(YamlWord word) =>
        (word.IsPlain ? Plain().IsMatch(word.Text) : Harmless().IsMatch(word.Text)) ? word.Text : JsonSerializer.Serialize(word.Text, s_quoted);

    /// <summary>What needs no quotes; a gap of a deviation is one.</summary>
    [GeneratedRegex("^(<[a-z0-9-]+>|[A-Za-z0-9+-]([A-Za-z0-9_./=<>|+ -]*[A-Za-z0-9_./>+-])?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    /// <summary>What means the same with quotes and without: never a number or a truth value.</summary>
    [GeneratedRegex("^[A-Z][A-Za-z]*( [A-Za-z]+)+$", RegexOptions.CultureInvariant)]
    private static partial Regex Harmless();
}
