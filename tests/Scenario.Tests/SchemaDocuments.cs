using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Makes random documents that a schema allows, as JSON, which is YAML too. It knows nothing of scenarios.</summary>
internal sealed class SchemaDocuments
{
    /// <summary>Texts of which one follows each pattern that schemas here have.</summary>
    private static readonly string[] Samples = ["250us", "256M", "1/4", "2020-01-01T00:00:00Z", "monotonic=1,boottime=-2.5", "0x1000", "/bin/date", "clock-read", "msr"];

    private readonly JsonElement _schema;
    private readonly Random _random;
    private readonly HashSet<string> _unused = [];

    /// <summary>Reads a schema.</summary>
    public SchemaDocuments(string schema, Random random)
    {
        _schema = JsonDocument.Parse(schema).RootElement;
        _random = random;
        Collect(_schema, "");
    }

    /// <summary>Paths of properties that no document has had.</summary>
    public IReadOnlyCollection<string> Unused => _unused;

    /// <summary>Whether each document has one property somewhere that no schema knows.</summary>
    public bool AddsUnknown { get; init; }

    /// <summary>A document.</summary>
    public string Next()
    {
        JsonObject document = (JsonObject)Make(_schema, "")!;
        // What no schema can say: these depend on each other.
        document.Remove("base");
        _unused.Remove("/base");
        // Pieces of scenarios with ranges in them are looked into by a hunt.
        (document["hunt"] as JsonObject)?.Remove("deviations");
        _unused.RemoveWhere(u => u.StartsWith("/hunt/deviations", StringComparison.Ordinal));
        if (document["system"] is JsonObject system)
        {
            bool linux = system["kind"]?.GetValue<string>() == "linux";
            foreach (string other in linux ? ["semantics"] : (string[])["kernel", "modules"])
                system.Remove(other);
            // A machine without an operating system has no initramfs.
            if (system["kind"]?.GetValue<string>() == "bare")
                system["kind"] = "cosim";
        }
        if (document["machine"] is JsonObject machine && machine.ContainsKey("cores"))
        {
            machine["cores"] = 1 + _random.Next(8);
        }
        if (AddsUnknown)
            AddUnknown(document);
        return document.ToJsonString();
    }

    private void AddUnknown(JsonObject document)
    {
        List<JsonObject> objects = [];
        Objects(document, objects);
        objects[_random.Next(objects.Count)]["unknown-property"] = 1;
    }

    private static void Objects(JsonNode? node, List<JsonObject> found)
    {
        if (node is JsonObject here)
        {
            found.Add(here);
            foreach (KeyValuePair<string, JsonNode?> member in here)
                Objects(member.Value, found);
        }
        else if (node is JsonArray array)
        {
            foreach (JsonNode? item in array)
                Objects(item, found);
        }
    }

    private void Collect(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("properties", out JsonElement properties))
        {
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                _unused.Add($"{path}/{property.Name}");
                Collect(property.Value, $"{path}/{property.Name}");
            }
        }
        if (schema.TryGetProperty("items", out JsonElement items))
            Collect(items, path + "/*");
        foreach (JsonElement alternative in Alternatives(schema))
            Collect(alternative, path);
    }

    /// <summary>The shapes of which a value has one; none where its type is given.</summary>
    private static JsonElement[] Alternatives(JsonElement schema) =>
        !schema.TryGetProperty("type", out _) && schema.TryGetProperty("anyOf", out JsonElement any) ? [.. any.EnumerateArray()] : [];

    private JsonNode? Make(JsonElement schema, string path)
    {
        if (Alternatives(schema) is { Length: > 0 } alternatives)
            return Make(alternatives[_random.Next(alternatives.Length)], path);
        if (schema.TryGetProperty("enum", out JsonElement words))
            return JsonNode.Parse(words[_random.Next(words.GetArrayLength())].GetRawText());
        JsonElement type = schema.GetProperty("type");
        return (type.ValueKind == JsonValueKind.Array ? type[0] : type).GetString() switch
        {
            "object" => Record(schema, path),
            "array" => Items(schema, path),
            "integer" => Number(schema),
            "number" => _random.Next(-1000, 1000) / 8m,
            "boolean" => _random.Next(2) == 0,
            _ => Text(schema),
        };
    }

    private JsonObject Record(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("properties", out JsonElement properties))
            return [];
        HashSet<string> wanted = [.. properties.EnumerateObject().Where(_ => _random.Next(2) == 0).Select(p => p.Name)];
        foreach (JsonElement alternative in schema.TryGetProperty("anyOf", out JsonElement alternatives) ? [alternatives[0]] : (JsonElement[])[schema])
        {
            if (alternative.TryGetProperty("required", out JsonElement required))
                wanted.UnionWith(required.EnumerateArray().Select(n => n.GetString()!));
        }
        if (schema.TryGetProperty("allOf", out JsonElement groups))
        {
            foreach (JsonElement group in groups.EnumerateArray())
            {
                string[] names = [.. group.GetProperty("oneOf").EnumerateArray().Select(o => o.GetProperty("required")[0].GetString()!)];
                wanted.ExceptWith(names);
                wanted.Add(names[_random.Next(names.Length)]);
            }
        }
        JsonObject made = [];
        foreach (string name in wanted.Order(StringComparer.Ordinal))
        {
            _unused.Remove($"{path}/{name}");
            made[name] = Make(properties.GetProperty(name), $"{path}/{name}");
        }
        return made;
    }

    private JsonArray Items(JsonElement schema, string path)
    {
        const int few = 3;
        int minimum = schema.GetProperty("minItems").GetInt32(), maximum = schema.GetProperty("maxItems").GetInt32();
        return [.. Enumerable.Range(0, _random.Next(minimum, Math.Min(maximum, minimum + few) + 1)).Select(_ => Make(schema.GetProperty("items"), path + "/*"))];
    }

    private JsonValue Number(JsonElement schema)
    {
        long minimum = schema.GetProperty("minimum").GetInt64(), maximum = schema.GetProperty("maximum").GetInt64();
        return JsonValue.Create(_random.Next(4) switch
        {
            0 => minimum,
            1 => maximum,
            _ => Math.Clamp(_random.NextInt64(-1000, 1000), minimum, maximum),
        });
    }

    private string Text(JsonElement schema)
    {
        if (schema.TryGetProperty("pattern", out JsonElement pattern))
            return Samples.First(s => System.Text.RegularExpressions.Regex.IsMatch(s, pattern.GetString()!));
        return schema.TryGetProperty("format", out _) ? "a([0-9]+)" : string.Create(CultureInfo.InvariantCulture, $"text: {_random.Next(1000)} # 'quoted'");
    }
}
