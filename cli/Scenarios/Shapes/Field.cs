using System.Text.Json;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Shapes;

/// <summary>A property of a record.</summary>
/// <typeparam name="TRecord">The record.</typeparam>
internal abstract class Field<TRecord>
{
    /// <summary>Its name in the file: lower-case words with hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for the schema.</summary>
    public required string Description { get; init; }

    /// <summary>Whether it must be there.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The name of a group of which exactly one property must be there; null for none.</summary>
    public string? Group { get; init; }

    /// <summary>Reads a value into a record.</summary>
    public abstract TRecord Read(TRecord record, YamlNode node);

    /// <summary>Writes its schema.</summary>
    public abstract void WriteSchema(Utf8JsonWriter json);
}

/// <summary>A property of a record.</summary>
/// <typeparam name="TRecord">The record.</typeparam>
/// <typeparam name="TValue">The property's value.</typeparam>
/// <param name="shape">The value's shape.</param>
/// <param name="set">Gives the record that has the value.</param>
internal sealed class Field<TRecord, TValue>(Shape<TValue> shape, Func<TRecord, TValue, TRecord> set) : Field<TRecord>
{
    /// <inheritdoc/>
    public override TRecord Read(TRecord record, YamlNode node) => set(record, shape.Read(node));

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteStartObject(Name);
        json.WriteString("description", Description);
        shape.WriteSchema(json);
        json.WriteEndObject();
    }
}
