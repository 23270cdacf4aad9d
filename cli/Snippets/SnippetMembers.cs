using System.Text.Json;

namespace CoSim.Cli.Snippets;

/// <summary>Lines of a file of snippets: one JSON object each, whose members are named like the options (docs/snippet-json.md).</summary>
internal static class SnippetMembers
{
    /// <summary>The member of an option: <c>max-instructions</c> is <c>maxInstructions</c>.</summary>
    public static string NameOf(string option)
    {
        string[] parts = option.Split('-');
        return parts[0] + string.Concat(parts[1..].Select(p => char.ToUpperInvariant(p[0]) + p[1..]));
    }

    /// <summary>Reads one line.</summary>
    /// <param name="line">A JSON object.</param>
    /// <param name="place">Where it stands.</param>
    public static SnippetWords Read(string line, SnippetPlace place)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw place.Wrong("CODE", null, "write one JSON object a line");
            SnippetWords words = new();
            HashSet<string> seen = new(StringComparer.Ordinal);
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (!seen.Add(member.Name))
                    throw place.Wrong(member.Name, null, "is given twice");
                words = With(words, member, place);
            }
            return words;
        }
        catch (JsonException e)
        {
            throw place.Wrong("JSON", null, $"not valid at byte {e.BytePositionInLine ?? 0}");
        }
    }

    private static SnippetWords With(SnippetWords words, JsonProperty member, SnippetPlace place)
    {
        JsonElement value = member.Value;
        return member.Name switch
        {
            "name" => words with { Name = Text(member, place) },
            "code" => words with { Code = Text(member, place) },
            "binary" => words with { Binary = Text(member, place) },
            "elf" => words with { Elf = Text(member, place) },
            "symbol" => words with { Symbol = Text(member, place) },
            "asm" => words with { Asm = Text(member, place) },
            "asmFile" => words with { AsmFile = Text(member, place) },
            "assembler" => words with { Assembler = Text(member, place) },
            "at" => words with { At = Number(member.Name, value, place) },
            "until" => words with { Until = Number(member.Name, value, place) },
            "mode" => words with { Mode = Number(member.Name, value, place) },
            "user" => words with { User = Truth(member, place) },
            "set" => words with { Set = Settings(member, place) },
            "map" => words with { Map = Texts(member, place) },
            "show" => words with { Show = Texts(member, place) },
            "expect" => words with { Expect = Settings(member, place) },
            "iterations" => words with { Iterations = Number(member.Name, value, place) },
            "maxInstructions" => words with { MaxInstructions = Number(member.Name, value, place) },
            "engine" => words with { Engine = Text(member, place) },
            "all" => words with { All = Truth(member, place) },
            "cold" => words with { Cold = Truth(member, place) },
            "noLoop" => words with { NoLoop = Truth(member, place) },
            "unroll" => words with { Unroll = Number(member.Name, value, place) },
            "timeline" => words with { Timeline = Number(member.Name, value, place) },
            _ => throw place.Wrong(member.Name, null, "no such member"),
        };
    }

    private static string Text(JsonProperty member, SnippetPlace place) =>
        member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : throw place.Wrong(member.Name, null, "must be a string");

    private static bool Truth(JsonProperty member, SnippetPlace place) => member.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw place.Wrong(member.Name, null, "must be true or false"),
    };

    // The raw text: numbers of 64 bits and more stay exact.
    private static string Number(string name, JsonElement value, SnippetPlace place) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw place.Wrong(name, null, "must be a number, or a string that holds one"),
    };

    private static string[] Texts(JsonProperty member, SnippetPlace place) =>
        member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String)
            ? [.. member.Value.EnumerateArray().Select(e => e.GetString()!)]
            : throw place.Wrong(member.Name, null, "must be an array of strings");

    private static string[] Settings(JsonProperty member, SnippetPlace place) =>
        member.Value.ValueKind == JsonValueKind.Object
            ? [.. member.Value.EnumerateObject().Select(r => $"{r.Name}={Number(member.Name, r.Value, place)}")]
            : throw place.Wrong(member.Name, null, "must be an object of registers and values");
}
