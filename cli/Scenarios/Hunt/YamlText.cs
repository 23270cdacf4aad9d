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
            case YamlMap { Entries.Count: > 0 } map when indent == 0:
                text.Append('\n');
                foreach (YamlEntry inner in map.Entries)
                    Write(text, inner, 2);
                break;
            case YamlList { Items.Count: > 0 } list:
                text.Append('\n');
                foreach (YamlNode item in list.Items)
                    text.Append(' ', indent + 2).Append("- ").Append(Flow(item)).Append('\n');
                break;
            default:
                text.Append(' ').Append(Flow(entry.Value)).Append('\n');
                break;
        }
    }

    private static string Flow(YamlNode node) => node switch
    {
        YamlMap map => "{" + string.Join(", ", map.Entries.Select(e => $"{Word(e.Key)}: {Flow(e.Value)}")) + "}",
        YamlList list => "[" + string.Join(", ", list.Items.Select(Flow)) + "]",
        YamlWord word => Word(word),
        _ => "",
    };

    /// <summary>A word; quotes matter, because only what has none is a number or a truth value. A string of JSON is one of YAML (1.2.2, section 1.3).</summary>
    private static string Word(YamlWord word) => word.IsPlain && Plain().IsMatch(word.Text) ? word.Text : JsonSerializer.Serialize(word.Text, s_quoted);

    [GeneratedRegex("^[A-Za-z0-9+-]([A-Za-z0-9_./+ -]*[A-Za-z0-9_./+-])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
