using System.Globalization;
using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>
/// Comma-separated values (RFC 4180, LF line ends): the first line names the columns, <c>fs</c> (time in femtoseconds), <c>event</c>, then every
/// field that a kind of the exported events has; a field that an event has not is empty.
/// </summary>
internal sealed class CsvExporter : ITraceExporter
{
    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output)
    {
        using StreamWriter writer = ExportText.Writer(output);
        HashSet<EventKind> kinds = [.. input.Events.Select(e => e.Kind)];
        string[] columns = [.. input.Header.Kinds.Where(kinds.Contains).SelectMany(k => k.Fields).Select(f => f.Name).Distinct()];
        Dictionary<EventKind, int[]> places = kinds.ToDictionary(k => k, k => columns.Select(k.IndexOf).ToArray());
        writer.Write("fs,event");
        foreach (string column in columns)
        {
            writer.Write(',');
            writer.Write(Quoted(column));
        }

        writer.WriteLine();
        foreach (TraceEvent e in input.Events)
        {
            writer.Write(e.Time.Femtoseconds.ToString(CultureInfo.InvariantCulture));
            writer.Write(',');
            writer.Write(Quoted(e.Kind.Name));
            foreach (int field in places[e.Kind])
            {
                writer.Write(',');
                if (field >= 0)
                    writer.Write(Value(in e, field));
            }

            writer.WriteLine();
        }
    }

    private static string Value(in TraceEvent e, int field) => e.Kind.Fields[field].Type switch
    {
        FieldType.Text => Quoted(e.Text ?? ""),
        FieldType.Hex => "0x" + e.Show(field),
        FieldType.Delay when e.Values[field] == ulong.MaxValue => "",
        FieldType.Delay => e.Values[field].ToString(CultureInfo.InvariantCulture),
        _ => e.Show(field),
    };

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
