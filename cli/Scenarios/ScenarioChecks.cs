using CoSim.Cli.Scenarios.Yaml;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios;

/// <summary>Mistakes of a scenario that are no matter of its shape: what is written is possible, and cannot be meant.</summary>
internal static class ScenarioChecks
{
    private const string Name = "name", Period = "period", At = "at", Least = "at-least", Most = "at-most";

    /// <summary>Looks for them.</summary>
    /// <param name="root">The scenario's document.</param>
    /// <exception cref="BadInputException">There is one.</exception>
    public static void Check(YamlNode root)
    {
        if (root is not YamlMap map)
            return;
        Distinct(map.Find("faults"), "fault");
        foreach (YamlMap fault in Maps(map.Find("faults")))
        {
            if (Key(fault, Period) is { } period && fault.Find(At) is null)
                throw period.Place.Error($"'{Period}' is for a fault that happens '{At}' a time; others happen again by 'times' and the event's 'every'");
        }
        YamlNode? values = (map.Find("expect") as YamlMap)?.Find("values");
        Distinct(values, "value");
        foreach (YamlMap value in Maps(values))
        {
            if (Number(value, Least) is { } least && Number(value, Most) is { } most && least > most)
                throw Key(value, Most)!.Place.Error($"'{Most}' is less than '{Least}': no number is both");
        }
    }

    private static void Distinct(YamlNode? list, string what)
    {
        HashSet<string> taken = [];
        foreach (YamlWord name in Maps(list).Select(m => m.Find(Name)).OfType<YamlWord>())
        {
            if (!taken.Add(name.Text))
                throw name.Place.Error($"another {what} is called '{name.Text}' already");
        }
    }

    private static IEnumerable<YamlMap> Maps(YamlNode? list) => (list as YamlList)?.Items.OfType<YamlMap>() ?? [];

    private static YamlWord? Key(YamlMap map, string name) => map.Entries.FirstOrDefault(e => e.Key.Text == name)?.Key;

    private static decimal? Number(YamlMap map, string name) =>
        map.Find(name) is YamlWord word && decimal.TryParse(word.Text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal value) ? value : null;
}
