namespace CoSim.Guest.Symbols;

/// <summary>A place in source code.</summary>
/// <param name="File">Path as the compiler recorded it; our own images have /cosim/ in front of paths in this repository.</param>
/// <param name="Line">Line from 1.</param>
public readonly record struct SourceLine(string File, int Line);

/// <summary>From addresses to source lines.</summary>
public sealed class LineTable
{
    private readonly ulong[] _addresses;
    private readonly LineRow[] _rows;
    private readonly List<string> _files;

    private LineTable(List<LineRow> rows, List<string> files)
    {
        // A stable sort: of rows with the same address the last counts, except that the end of a sequence never hides a start.
        _rows = [.. rows.Select((r, i) => (Row: r, Index: i)).OrderBy(x => x.Row.Address).ThenBy(x => x.Row.Line != 0).ThenBy(x => x.Index).Select(x => x.Row)];
        _addresses = [.. _rows.Select(r => r.Address)];
        _files = files;
    }

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Length;

    /// <summary>Reads the line programs of an image.</summary>
    /// <exception cref="ImageFormatException">The section .debug_line is damaged.</exception>
    public static LineTable Read(ElfImage image)
    {
        List<LineRow> rows = [];
        FileList files = new();
        LineProgram program = new(image.Name, image.Section(".debug_line"), image.Section(".debug_line_str"), image.Section(".debug_str"), files, rows);
        program.RunAll();
        return new LineTable(rows, files.Paths);
    }

    /// <summary>The source line of an instruction, or null.</summary>
    public SourceLine? Find(ulong address)
    {
        int i = Array.BinarySearch(_addresses, address);
        if (i < 0) i = ~i - 1;
        while (i >= 0 && i + 1 < _rows.Length && _addresses[i + 1] == _addresses[i]) i++;
        if (i < 0 || _rows[i].Line == 0) return null;
        return new SourceLine(_files[_rows[i].File], _rows[i].Line);
    }
}

/// <summary>From an address on, a file and a line; line 0 ends a sequence.</summary>
internal readonly record struct LineRow(ulong Address, int File, int Line);

/// <summary>Paths, each once.</summary>
internal sealed class FileList
{
    private readonly Dictionary<string, int> _known = [];

    public List<string> Paths { get; } = [];

    public int Add(string path)
    {
        if (_known.TryGetValue(path, out int index)) return index;
        _known[path] = index = Paths.Count;
        Paths.Add(path);
        return index;
    }
}
