using Spectre.Console;

namespace CoSim.Cli.Terminal;

/// <summary>A table that looks good on a terminal and stays plain in a pipe.</summary>
public sealed class TextTable
{
    private readonly List<(string Title, bool Right)> _columns = [];
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a column of words, aligned left.</summary>
    public TextTable Words(string title)
    {
        _columns.Add((title, false));
        return this;
    }

    /// <summary>Adds a column of numbers, aligned right.</summary>
    public TextTable Numbers(string title)
    {
        _columns.Add((title, true));
        return this;
    }

    /// <summary>Adds a row with one text per column.</summary>
    public void Row(params string[] cells)
    {
        if (cells.Length != _columns.Count)
            throw new ArgumentException($"{cells.Length} cells for {_columns.Count} columns", nameof(cells));
        _rows.Add(cells);
    }

    /// <summary>Writes the table as plain text: columns separated by two spaces, no trailing blanks.</summary>
    public void WritePlain(TextWriter output)
    {
        int[] widths = [.. _columns.Select((c, i) => _rows.Select(r => r[i].Length).Append(c.Title.Length).Max())];
        output.WriteLine(Line([.. _columns.Select(c => c.Title)], widths));
        foreach (string[] row in _rows)
            output.WriteLine(Line(row, widths));
    }

    /// <summary>Writes the table with lines and colours.</summary>
    public void WriteRich(IAnsiConsole console)
    {
        Table table = new() { Border = TableBorder.Rounded };
        foreach ((string title, bool right) in _columns)
            table.AddColumn(new TableColumn(new Markup(Markup.Escape(title), new Style(decoration: Decoration.Bold)))
            {
                Alignment = right ? Justify.Right : Justify.Left,
                NoWrap = true,
            });
        foreach (string[] row in _rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
    }

    private string Line(string[] cells, int[] widths) =>
        string.Join("  ", cells.Select((cell, i) => _columns[i].Right ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd();
}
