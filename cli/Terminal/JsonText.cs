using System.Text;
using System.Text.Json;

namespace CoSim.Cli.Terminal;

/// <summary>Reports as JSON text.</summary>
internal static class JsonText
{
    /// <summary>What is written, indented, with LF between lines and none at the end.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
            write(json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
