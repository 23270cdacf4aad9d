using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Cli.Trace;

/// <summary>Events as lines of text and of JSON.</summary>
internal static partial class EventText
{
    private const uint PerSecond = 1_000_000_000;
    private const ulong FemtosecondsPerPicosecond = 1000;

    /// <summary>Time in seconds with picoseconds, then name and fields.</summary>
    public static string Line(in TraceEvent e) => $"{Time(e.Time),22}  {e}";

    /// <summary>Whether lines go to a terminal whose user wants colours (no-color.org).</summary>
    public static bool Colours(TextWriter output) =>
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>The same line with the time in grey, the kind in colour and the names of fields dimmed.</summary>
    public static string ColouredLine(in TraceEvent e)
    {
        const string grey = "\e[90m", kind = "\e[36m", dim = "\e[2m", plain = "\e[0m";
        string line = e.ToString();
        int end = line.IndexOf(' ', StringComparison.Ordinal);
        string fields = end < 0 ? "" : FieldName().Replace(line[end..], $" {dim}$1={plain}");
        return $"{grey}{Time(e.Time),22}{plain}  {kind}{(end < 0 ? line : line[..end])}{plain}{fields}";
    }

    [GeneratedRegex(" ([a-z0-9-]+)=")]
    private static partial Regex FieldName();

    /// <summary>Seconds with twelve decimals, rounded down.</summary>
    public static string Time(SimTime time)
    {
        UInt128 picoseconds = time.Femtoseconds / FemtosecondsPerPicosecond;
        UInt128 second = (UInt128)PerSecond * 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{picoseconds / second}.{(ulong)(picoseconds % second):D12}");
    }

    /// <summary>One JSON object; 64-bit values are strings, because many readers of JSON keep 53 bits only.</summary>
    public static string Json(in TraceEvent e)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("fs", e.Time.Femtoseconds.ToString(CultureInfo.InvariantCulture));
            json.WriteString("event", e.Kind.Name);
            for (int i = 0; i < e.Kind.FieldCount; i++)
            {
                if (e.Kind.Fields[i].Type is FieldType.Core or FieldType.Flag)
                    json.WriteNumber(e.Kind.Fields[i].Name, e.Values[i]);
                else
                    json.WriteString(e.Kind.Fields[i].Name, e.Show(i));
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
