using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Cli.Snippets;

/// <summary>The result of a snippet as JSON (docs/snippet-json.md).</summary>
internal static class SnippetJson
{
    private const string Schema = "cosim.snippet/1";
    private const int Empty = 3;

    /// <summary>Writes one object.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="result">The result.</param>
    /// <param name="indented">Lines for people; otherwise one line.</param>
    public static void Write(Stream stream, SnippetResult result, bool indented)
    {
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = indented }))
        {
            json.WriteStartObject();
            WriteEnd(json, result);
            WriteRegisters(json, result);
            WriteVectors(json, result);
            WriteX87(json, result);
            if (result.Request.All)
                WriteSystem(json, result.After);
            WriteMemory(json, result);
            WriteUnmet(json, result);
            if (result.Unmodelled.Count > 0)
            {
                json.WriteStartArray("unmodelled");
                foreach (string name in result.Unmodelled)
                    json.WriteStringValue(name);
                json.WriteEndArray();
            }
            if (result.Timing is not null)
                TimingJson.Write(json, result, result.Timing);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    private static void WriteUnmet(Utf8JsonWriter json, SnippetResult result)
    {
        if (result.Request.Expect.Count == 0)
            return;
        json.WriteStartArray("unmet");
        foreach (UnmetExpectation unmet in result.Unmet)
        {
            json.WriteStartObject();
            json.WriteString("what", unmet.What);
            json.WriteString("expected", unmet.Expected);
            json.WriteString("found", unmet.Found);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>A 64-bit number as <c>0x...</c> without leading zeros.</summary>
    public static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static void WriteEnd(Utf8JsonWriter json, SnippetResult result)
    {
        json.WriteString("schema", Schema);
        if (result.Request.Name is { } name)
            json.WriteString("name", name);
        json.WriteNumber("mode", SnippetNames.Bits(result.Request.Mode));
        json.WriteString("engine", result.Request.Engine == EngineKind.Detailed ? "detailed" : "functional");
        json.WriteString("end", result.End.ToString().ToLowerInvariant());
        if (result.Exception is { } exception)
        {
            json.WriteStartObject("exception");
            json.WriteNumber("vector", exception.Vector);
            if (!exception.Software && SnippetNames.OfVector(exception.Vector) is { Length: > 0 } text)
                json.WriteString("name", text);
            if (exception.ErrorCode is { } code)
                json.WriteString("errorCode", Hex(code));
            if (exception.Cr2 is { } address)
                json.WriteString("cr2", Hex(address));
            json.WriteString("rip", Hex(exception.Rip));
            json.WriteEndObject();
        }
        json.WriteNumber("instructions", result.Instructions);
        json.WriteNumber("iterations", result.Iterations);
    }

    private static void WriteRegisters(Utf8JsonWriter json, SnippetResult result)
    {
        bool wide = result.Request.Mode == BareMode.Long64;
        json.WriteStartObject("registers");
        for (int n = 0; n < (wide ? 16 : 8); n++)
        {
            if (result.Request.All || result.After.General[n] != result.Before.General[n])
                json.WriteString(RegisterCatalog.General[n], Hex(result.After.General[n]));
        }
        json.WriteString("rip", Hex(result.After.InstructionPointer));
        json.WriteString("rflags", Hex(result.After.Flags));
        json.WriteEndObject();
        json.WriteStartArray("flags");
        foreach ((string name, int position, int bits) in RegisterCatalog.Flags)
        {
            if (bits == 1 && (result.After.Flags >> position & 1) != 0)
                json.WriteStringValue(name);
        }
        json.WriteEndArray();
    }

    private static void WriteVectors(Utf8JsonWriter json, SnippetResult result)
    {
        int[] shown = [.. Enumerable.Range(0, 16).Where(n => result.Request.All || result.After.Vectors[n] != result.Before.Vectors[n])];
        if (shown.Length > 0)
        {
            json.WriteStartObject("vectors");
            foreach (int n in shown)
                json.WriteString($"ymm{n}", "0x" + SnippetText.Hex(result.After.Vectors[n], 64));
            json.WriteEndObject();
        }
        if (result.Request.All || result.After.Mxcsr != result.Before.Mxcsr)
            json.WriteString("mxcsr", Hex(result.After.Mxcsr));
    }

    private static void WriteX87(Utf8JsonWriter json, SnippetResult result)
    {
        MachineState after = result.After;
        if (!result.Request.All && !after.HasOtherX87(result.Before))
            return;
        json.WriteStartObject("x87");
        json.WriteString("fcw", Hex(after.X87Control));
        json.WriteString("fsw", Hex(after.X87Status));
        json.WriteString("ftw", Hex(after.X87TagWord));
        json.WriteStartObject("st");
        for (int n = 0; n < 8; n++)
        {
            if (after.Tags[n] == Empty)
                continue;
            json.WriteStartObject(n.ToString(CultureInfo.InvariantCulture));
            json.WriteString("bits", "0x" + SnippetText.Hex((BigInteger)after.Stack[n], 20));
            json.WriteString("value", ExtendedReal.ToText(after.Stack[n]));
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartObject("mm");
        for (int n = 0; n < 8; n++)
        {
            if (result.Request.All || after.Mmx[n] != result.Before.Mmx[n])
                json.WriteString(n.ToString(CultureInfo.InvariantCulture), Hex(after.Mmx[n]));
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSystem(Utf8JsonWriter json, MachineState state)
    {
        json.WriteStartObject("segments");
        foreach ((string name, SegmentRegister segment) in RegisterCatalog.Segments.Zip(state.Segments))
        {
            json.WriteStartObject(name);
            json.WriteString("selector", Hex(segment.Selector));
            json.WriteString("base", Hex(segment.Base));
            json.WriteString("limit", Hex(segment.Limit));
            json.WriteString("attributes", Hex(segment.Attributes));
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteNumber("cpl", state.PrivilegeLevel);
        json.WriteStartObject("control");
        foreach ((string name, ulong value) in state.Control)
            json.WriteString(name, Hex(value));
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, SnippetResult result)
    {
        if (result.Memory.Count == 0)
            return;
        json.WriteStartArray("memory");
        foreach ((ShownMemory range, byte[]? bytes) in result.Memory)
        {
            json.WriteStartObject();
            json.WriteString("address", Hex(range.Address));
            if (bytes is null)
                json.WriteNull("bytes");
            else
                json.WriteString("bytes", Convert.ToHexStringLower(bytes));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
