using System.Text.Json;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Shapes;

/// <summary>
/// What a part of a scenario must look like. One description reads it and writes its JSON schema, so that neither can know a
/// property that the other does not.
/// </summary>
/// <typeparam name="T">What it means.</typeparam>
internal abstract class Shape<T>
{
    /// <summary>Reads a node.</summary>
    /// <exception cref="Os.Loader.BadInputException">It does not have this shape; the error names file, line and column.</exception>
    public abstract T Read(YamlNode node);

    /// <summary>Writes the members of its JSON schema (json-schema.org, draft 2020-12) into the object that is open.</summary>
    public abstract void WriteSchema(Utf8JsonWriter json);
}
