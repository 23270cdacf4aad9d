using System.Text.Json;
using CoSim.Cli.Scenarios.Shapes;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios;

/// <summary>A program of a scenario.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Words">Its name and arguments.</param>
internal sealed record ScenarioProgram(YamlPlace Place, IReadOnlyList<string> Words)
{
    /// <summary>What its name means.</summary>
    public ProgramSource Source { get; init; }
}

/// <summary>Where a program of a scenario is.</summary>
internal enum ProgramSource
{
    /// <summary>One of the build's guest programs, a file beside the scenario, or one in PATH.</summary>
    Anywhere,

    /// <summary>A file, by its path from the scenario's folder.</summary>
    File,

    /// <summary>In the initramfs already, by its absolute path in it.</summary>
    Initramfs,
}

/// <summary>A program with its arguments: a list of words, or a mapping that says where the program is.</summary>
/// <param name="text">A word.</param>
/// <param name="most">The greatest number of words.</param>
internal sealed class ProgramShape(Shape<string> text, int most) : Shape<ScenarioProgram>
{
    private readonly Shape<IReadOnlyList<string>> _words = new ListShape<string>(text, 1, most);

    private readonly RecordShape<ScenarioProgram> _record = new RecordShape<ScenarioProgram>(place => new ScenarioProgram(place, [""]))
        .OneOf("the program", "elf", new PlacedShape<string>(text), "A static x86-64 program: its file, by its path from the scenario's folder.", (p, v) => Named(p, ProgramSource.File, v))
        .OneOf("the program", "initramfs", new PlacedShape<string>(new PathShape(text)), "A program of the initramfs, by its absolute path in it.", (p, v) => Named(p, ProgramSource.Initramfs, v))
        .May("arguments", new ListShape<string>(text, 0, most - 1), "Its arguments.", (p, v) => p with { Words = [p.Words[0], .. v] });

    /// <inheritdoc/>
    public override ScenarioProgram Read(YamlNode node) => node switch
    {
        YamlMap => _record.Read(node),
        YamlList => new ScenarioProgram(node.Place, _words.Read(node)),
        _ => throw node.Place.Error("a program is expected here: a list of its name and its arguments, or a mapping with elf or initramfs, and arguments"),
    };

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        _words.WriteSchema(json);
        json.WriteEndObject();
        json.WriteStartObject();
        _record.WriteSchema(json);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static ScenarioProgram Named(ScenarioProgram program, ProgramSource source, (YamlPlace Place, string Name)? named) =>
        program with { Place = named!.Value.Place, Source = source, Words = [named.Value.Name, .. program.Words.Skip(1)] };

    /// <summary>A path from the root.</summary>
    private sealed class PathShape(Shape<string> text) : Shape<string>
    {
        /// <inheritdoc/>
        public override string Read(YamlNode node) =>
            text.Read(node) is ['/', _, ..] path ? path : throw node.Place.Error("an absolute path in the initramfs is expected here, such as /bin/date");

        /// <inheritdoc/>
        public override void WriteSchema(Utf8JsonWriter json)
        {
            json.WriteString("type", "string");
            json.WriteString("pattern", "^/.");
        }
    }
}
