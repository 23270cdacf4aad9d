using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>What is unusual in a scenario, as names that can be compared: settings of hardware and firmware, effects of faults, the system's release.</summary>
internal static class HuntCauses
{
    private static readonly string[] s_whenOrWhose = ["name", "at", "instruction", "event", "period", "times"];

    private static readonly string[] s_machine = ["quirks", "oscillators", "tsc-offsets"];

    /// <summary>The names of a scenario's document.</summary>
    public static IEnumerable<string> Of(YamlMap scenario)
    {
        foreach (YamlEntry entry in Entries(scenario.Find("machine")).Where(e => s_machine.Contains(e.Key.Text)))
        {
            foreach (string path in Leaves("machine." + entry.Key.Text, entry.Value))
                yield return path;
        }
        foreach (string path in Leaves("firmware", scenario.Find("firmware")))
            yield return path;
        foreach (YamlNode fault in scenario.Find("faults") is YamlList list ? list.Items : [])
        {
            foreach (YamlEntry effect in Entries(fault).Where(e => !s_whenOrWhose.Contains(e.Key.Text)))
                yield return "faults." + effect.Key.Text;
        }
        foreach (YamlEntry entry in Entries(scenario.Find("system")).Where(e => e.Value is YamlWord && e.Key.Text is "semantics" or "parameters"))
        {
            foreach (string word in ((YamlWord)entry.Value).Text.Split(' '))
                yield return $"system.{entry.Key.Text}={word}";
        }
    }

    private static IEnumerable<YamlEntry> Entries(YamlNode? node) => node is YamlMap map ? map.Entries : [];

    private static IEnumerable<string> Leaves(string path, YamlNode? node) => node switch
    {
        null => [],
        YamlMap map => map.Entries.SelectMany(e => Leaves($"{path}.{e.Key.Text}", e.Value)),
        _ => [path],
    };
}
