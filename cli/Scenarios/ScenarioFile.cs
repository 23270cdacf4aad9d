using System.Text;
using System.Text.Json;
using CoSim.Cli.Options;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios;

/// <summary>Reads scenario files.</summary>
internal static class ScenarioFile
{
    /// <summary>The schema's own name.</summary>
    private const string SchemaId = "cosim.scenario/1";

    /// <summary>Reads a file, and the file that it is based on.</summary>
    /// <exception cref="BadInputException">It is no scenario; the error names file, line and column.</exception>
    public static Scenario Read(string path)
    {
        YamlNode root = ReadTree(path);
        Scenario scenario = Parse(root);
        ScenarioChecks.Check(root);
        return scenario;
    }

    /// <summary>Reads a scenario that is based on no file.</summary>
    /// <param name="name">Its name, for errors.</param>
    /// <param name="text">Its text.</param>
    public static Scenario Parse(string name, string text) => Parse(YamlTree.Read(name, text));

    /// <summary>Reads a scenario's document.</summary>
    public static Scenario Parse(YamlNode root)
    {
        Scenario scenario = ScenarioShapes.Scenario.Read(root);
        MachineChoice machine = scenario.Machine.Choice;
        if (machine.Cores > machine.Model.Cores)
            throw scenario.Place.Error($"machine: an EPYC {machine.Model.Name} has {machine.Model.Cores} cores, not {machine.Cores}");
        if (scenario.System.Kind == SystemKind.Linux && scenario.System.Semantics is not null)
            throw scenario.Place.Error("system: 'semantics' is for our own operating system; Linux has its own");
        if (scenario.System.Kind != SystemKind.Linux && scenario.System.Kernel is { } kernel)
            throw kernel.Place.Error("'kernel' is for 'kind: linux'");
        if (scenario.System.Kind != SystemKind.Linux && scenario.System.Modules is [{ } module, ..])
            throw module.Place.Error("'modules' are for 'kind: linux'");
        if (scenario.System.Kind == SystemKind.Bare && scenario.System.Initramfs is { } initramfs)
            throw initramfs.Place.Error("'initrd' is for an operating system; 'kind: bare' has none");
        foreach (ScenarioProgram program in scenario.Workload.Where(p => p.Source == ProgramSource.Initramfs && scenario.System.Kind == SystemKind.Bare))
            throw program.Place.Error("'kind: bare' has no initramfs");
        return scenario;
    }

    /// <summary>The document of a file, over that of the file that it is based on.</summary>
    public static YamlNode ReadTree(string path)
    {
        YamlNode root = YamlTree.Read(path, ReadText(path));
        if (root is not YamlMap map || map.Find("base") is not { } name)
            return root;
        string file = Path.Combine(Path.GetDirectoryName(path) ?? "", ScenarioShapes.Text.Read(name));
        if (!File.Exists(file))
            throw name.Place.Error($"there is no file '{file}'");
        YamlNode below = YamlTree.Read(file, ReadText(file));
        if (below is YamlMap basis && basis.Find("base") is { } second)
            throw second.Place.Error("a base cannot have a base itself");
        return YamlOverlay.Merge(below, root);
    }

    /// <summary>The JSON schema of scenario files (draft 2020-12), with a line feed at its end.</summary>
    public static string Schema()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("$id", SchemaId);
            json.WriteString("title", "CoSim scenario");
            ScenarioShapes.Scenario.WriteSchema(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static string ReadText(string path)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(InputFile.Read(path));
        }
        catch (DecoderFallbackException e)
        {
            throw new BadInputException(path, $"byte {e.Index}", "is no UTF-8 text");
        }
    }
}
