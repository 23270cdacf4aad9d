using System.Globalization;
using System.Reflection;
using System.Text;

namespace CoSim.Hw.Zen2Core.Data;

/// <summary>Data that came with the simulator is wrong: the message names the file, the line and the cause.</summary>
public sealed class DataFileException(string file, int line, string cause) : Exception($"{file}:{line}: {cause}")
{
    /// <summary>The file's name as it stands under <c>hw/Zen2Core/Data</c>.</summary>
    public string File { get; } = file;

    /// <summary>The line, from 1; the header is line 1.</summary>
    public int Line { get; } = line;
}

/// <summary>A comma-separated table with a header, quoted fields in the manner of RFC 4180, one record per line.</summary>
public sealed class CsvTable
{
    private readonly string[] _header;
    private readonly List<string[]> _rows = [];

    private CsvTable(string name, string[] header)
    {
        Name = name;
        _header = header;
    }

    /// <summary>The file's name, for error messages.</summary>
    public string Name { get; }

    /// <summary>How many records follow the header.</summary>
    public int Count => _rows.Count;

    /// <summary>Reads a table that is embedded in this assembly.</summary>
    /// <exception cref="DataFileException">There is no such file, or a line is malformed.</exception>
    public static CsvTable Embedded(string name)
    {
        Assembly assembly = typeof(CsvTable).Assembly;
        using Stream stream = assembly.GetManifestResourceStream(name) ?? throw new DataFileException(name, 0, "not embedded in the assembly");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return Parse(name, reader.ReadToEnd());
    }

    /// <summary>Parses text as a table.</summary>
    /// <exception cref="DataFileException">A line has another number of fields than the header, or an open quote.</exception>
    public static CsvTable Parse(string name, string text)
    {
        CsvTable? table = null;
        int line = 0;
        foreach (string raw in text.Split('\n'))
        {
            line++;
            string record = raw.TrimEnd('\r');
            if (record.Length == 0)
            {
                continue;
            }

            string[] fields = SplitRecord(name, line, record);
            if (table is null)
            {
                table = new CsvTable(name, fields);
                continue;
            }

            if (fields.Length != table._header.Length)
            {
                throw new DataFileException(name, line, $"{fields.Length} fields where the header has {table._header.Length}");
            }

            table._rows.Add(fields);
        }

        return table ?? throw new DataFileException(name, 1, "empty file");
    }

    /// <summary>The line number of a record, for error messages. Blank lines in front of it are not counted.</summary>
    public static int LineOf(int row) => row + 2;

    /// <summary>A field by its column's name.</summary>
    /// <exception cref="DataFileException">There is no such column.</exception>
    public string Text(int row, string column)
    {
        int index = Array.IndexOf(_header, column);
        return index < 0 ? throw new DataFileException(Name, 1, $"no column '{column}'") : _rows[row][index];
    }

    /// <summary>A field as a decimal number, 0 or more.</summary>
    /// <exception cref="DataFileException">The field is not such a number.</exception>
    public int Number(int row, string column)
    {
        string text = Text(row, column);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new DataFileException(Name, LineOf(row), $"'{text}' in column '{column}' is not a number");
    }

    private static string[] SplitRecord(string name, int line, string record)
    {
        List<string> fields = [];
        StringBuilder field = new();
        bool quoted = false;
        for (int i = 0; i < record.Length; i++)
        {
            char c = record[i];
            if (quoted && c == '"' && i + 1 < record.Length && record[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }

        if (quoted)
        {
            throw new DataFileException(name, line, "a quote is not closed");
        }

        fields.Add(field.ToString());
        return [.. fields];
    }
}
