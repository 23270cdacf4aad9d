using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Yaml;

/// <summary>Where something stands in a file.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal readonly record struct YamlPlace(string File, long Line, long Column)
{
    /// <summary>An error at this place.</summary>
    /// <param name="cause">What is wrong, without a full stop.</param>
    public BadInputException Error(string cause) => new(File, $"line {Line}, column {Column}", cause.ReplaceLineEndings(" "));
}

/// <summary>A part of a YAML document that knows where it stands.</summary>
/// <param name="Place">Its first character.</param>
internal abstract record YamlNode(YamlPlace Place);

/// <summary>A scalar.</summary>
/// <param name="Place">Its first character.</param>
/// <param name="Text">Its text, without quotes.</param>
/// <param name="IsPlain">Whether it was written without quotes; only plain words are numbers or truth values.</param>
internal sealed record YamlWord(YamlPlace Place, string Text, bool IsPlain) : YamlNode(Place);

/// <summary>A sequence.</summary>
/// <param name="Place">Its first character.</param>
/// <param name="Items">Its items in order.</param>
internal sealed record YamlList(YamlPlace Place, IReadOnlyList<YamlNode> Items) : YamlNode(Place);

/// <summary>A mapping; every key is there once.</summary>
/// <param name="Place">Its first character.</param>
/// <param name="Entries">Its entries in the order of the file.</param>
internal sealed record YamlMap(YamlPlace Place, IReadOnlyList<YamlEntry> Entries) : YamlNode(Place)
{
    /// <summary>The value of a key; null when it is not there.</summary>
    public YamlNode? Find(string key)
    {
        foreach (YamlEntry entry in Entries)
        {
            if (entry.Key.Text == key)
                return entry.Value;
        }
        return null;
    }
}

/// <summary>An entry of a mapping.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
internal sealed record YamlEntry(YamlWord Key, YamlNode Value);
