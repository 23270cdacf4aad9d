using System.Text.Json;
using CoSim.Cli.Scenarios.Yaml;

namespace CoSim.Cli.Scenarios.Shapes;

/// <summary>A mapping with known properties.</summary>
/// <typeparam name="T">The record that it makes.</typeparam>
/// <param name="empty">Makes the record of which nothing has been said; gets the place of the mapping.</param>
internal sealed class RecordShape<T>(Func<YamlPlace, T> empty) : Shape<T>
{
    private readonly List<Field<T>> _fields = [];
    private string? _completedBy;

    /// <summary>The names of its properties.</summary>
    public IEnumerable<string> Names => _fields.Select(f => f.Name);

    /// <summary>Adds a property that may be there.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">The shape of its value.</param>
    /// <param name="description">One sentence for the schema.</param>
    /// <param name="set">Gives the record that has the value.</param>
    public RecordShape<T> May<TValue>(string name, Shape<TValue> shape, string description, Func<T, TValue, T> set)
    {
        _fields.Add(new Field<T, TValue>(shape, set) { Name = name, Description = description });
        return this;
    }

    /// <summary>Adds a property that must be there.</summary>
    public RecordShape<T> Must<TValue>(string name, Shape<TValue> shape, string description, Func<T, TValue, T> set)
    {
        _fields.Add(new Field<T, TValue>(shape, set) { Name = name, Description = description, IsRequired = true });
        return this;
    }

    /// <summary>Adds a property of a group, of which exactly one must be there.</summary>
    public RecordShape<T> OneOf<TValue>(string group, string name, Shape<TValue> shape, string description, Func<T, TValue, T> set)
    {
        _fields.Add(new Field<T, TValue>(shape, set) { Name = name, Description = description, Group = group });
        return this;
    }

    /// <summary>Says that what must be there may come from elsewhere when a property is there; the reader gets the completed mapping.</summary>
    public RecordShape<T> CompletedBy(string name)
    {
        _completedBy = name;
        return this;
    }

    /// <inheritdoc/>
    public override T Read(YamlNode node)
    {
        if (node is not YamlMap map)
            throw node.Place.Error($"a mapping is expected here, with {string.Join(", ", Names)}");
        T record = empty(map.Place);
        foreach (YamlEntry entry in map.Entries)
        {
            Field<T> field = _fields.Find(f => f.Name == entry.Key.Text)
                ?? throw entry.Key.Place.Error($"'{entry.Key.Text}' is not known here; {NearestWord.Hint(entry.Key.Text, [.. Names])}");
            record = field.Read(record, entry.Value);
        }
        foreach (Field<T> field in _fields.Where(f => f.IsRequired && map.Find(f.Name) is null))
            throw map.Place.Error($"'{field.Name}' is missing here");
        CheckGroups(map);
        return record;
    }

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        foreach (Field<T> field in _fields)
            field.WriteSchema(json);
        json.WriteEndObject();
        WriteAlternatives(json);
        string[][] groups = [.. Groups().Select(g => g.Select(f => f.Name).ToArray())];
        if (groups.Length == 0)
            return;
        json.WriteStartArray("allOf");
        foreach (string[] group in groups)
            WriteGroup(json, group);
        json.WriteEndArray();
    }

    private IEnumerable<IGrouping<string, Field<T>>> Groups() => _fields.Where(f => f.Group is not null).GroupBy(f => f.Group!);

    private void CheckGroups(YamlMap map)
    {
        foreach (IGrouping<string, Field<T>> group in Groups())
        {
            string[] names = [.. group.Select(f => f.Name)];
            YamlEntry[] there = [.. map.Entries.Where(e => names.Contains(e.Key.Text))];
            if (there.Length == 0)
                throw map.Place.Error($"{group.Key} is missing here: one of {string.Join(", ", names)}");
            if (there.Length > 1)
                throw there[1].Key.Place.Error($"'{there[1].Key.Text}' cannot stand beside '{there[0].Key.Text}'");
        }
    }

    private void WriteAlternatives(Utf8JsonWriter json)
    {
        string[] required = [.. _fields.Where(f => f.IsRequired).Select(f => f.Name)];
        if (required.Length == 0)
            return;
        if (_completedBy is null)
        {
            WriteRequired(json, required);
            return;
        }
        json.WriteStartArray("anyOf");
        foreach (string[] names in (string[][])[required, [_completedBy]])
        {
            json.WriteStartObject();
            WriteRequired(json, names);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteRequired(Utf8JsonWriter json, string[] names)
    {
        json.WriteStartArray("required");
        foreach (string name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static void WriteGroup(Utf8JsonWriter json, string[] names)
    {
        json.WriteStartObject();
        json.WriteStartArray("oneOf");
        foreach (string name in names)
        {
            json.WriteStartObject();
            WriteRequired(json, [name]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
