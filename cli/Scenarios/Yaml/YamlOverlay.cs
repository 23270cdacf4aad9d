namespace CoSim.Cli.Scenarios.Yaml;

/// <summary>Puts one document over another: maps are merged, everything else is replaced.</summary>
internal static class YamlOverlay
{
    /// <summary>What <paramref name="over"/> says, and what <paramref name="under"/> says where the other is silent.</summary>
    public static YamlNode Merge(YamlNode under, YamlNode over)
    {
        if (under is not YamlMap below || over is not YamlMap above)
            return over;
        List<YamlEntry> entries = [];
        foreach (YamlEntry entry in below.Entries)
            entries.Add(above.Find(entry.Key.Text) is { } value ? new YamlEntry(KeyOf(above, entry.Key.Text), Merge(entry.Value, value)) : entry);
        entries.AddRange(above.Entries.Where(e => below.Find(e.Key.Text) is null));
        return new YamlMap(above.Place, entries);
    }

    private static YamlWord KeyOf(YamlMap map, string name) => map.Entries.First(e => e.Key.Text == name).Key;
}
