using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.Data;

/// <summary>
/// Widths, sizes, latencies and penalties of the detailed core, by name, from <c>parameters.csv</c>, where each has its unit,
/// its source and a tag: V documented, M measured on Zen 2, D derived, R literature, X nothing published.
/// </summary>
public sealed class CoreParameters
{
    private readonly Dictionary<string, (int Value, string Unit, int Row)> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly string _file;
    private readonly Frequency _clock;

    private CoreParameters(CsvTable table, Frequency clock)
    {
        _file = table.Name;
        _clock = clock;
        for (int row = 0; row < table.Count; row++)
        {
            string name = table.Text(row, "name");
            string tag = table.Text(row, "tag");
            if (tag is not ("V" or "M" or "D" or "R" or "X" or "?" or "V/M"))
            {
                throw new DataFileException(_file, CsvTable.LineOf(row), $"unknown tag '{tag}'");
            }

            if (table.Text(row, "source").Length == 0)
            {
                throw new DataFileException(_file, CsvTable.LineOf(row), $"'{name}' has no source");
            }

            if (!_values.TryAdd(name, (table.Number(row, "value"), table.Text(row, "unit"), row)))
            {
                throw new DataFileException(_file, CsvTable.LineOf(row), $"'{name}' is defined twice");
            }
        }
    }

    /// <summary>The parameters that come with the simulator, for a core at the given clock.</summary>
    /// <exception cref="DataFileException">The file is malformed.</exception>
    public static CoreParameters Load(Frequency clock) => Load(CsvTable.Embedded("parameters.csv"), clock);

    /// <summary>Parameters from another table, for studies and for tests.</summary>
    /// <exception cref="DataFileException">The table is malformed.</exception>
    public static CoreParameters Load(CsvTable table, Frequency clock) => new(table, clock);

    /// <summary>A plain number: a count, a width, or a time in core cycles.</summary>
    /// <exception cref="DataFileException">There is no parameter of this name.</exception>
    public int this[string name]
    {
        get
        {
            if (!_values.TryGetValue(name, out (int Value, string Unit, int Row) entry))
            {
                throw new DataFileException(_file, 1, $"no parameter '{name}'");
            }

            _read.Add(name);
            return entry.Value;
        }
    }

    /// <summary>Parameters that nothing has asked for: a name that is misspelt, or a number that changes nothing.</summary>
    public IEnumerable<string> Unread => _values.Keys.Where(name => !_read.Contains(name));

    /// <summary>A time in core cycles, rounded up, whatever unit the file gives it in (cycles, ns or ps).</summary>
    /// <exception cref="DataFileException">There is no parameter of this name, or it is not a time.</exception>
    public int Cycles(string name)
    {
        int value = this[name];
        (_, string unit, int row) = _values[name];
        UInt128 femtoseconds = unit switch
        {
            "ps" or "ps per line" => (UInt128)(uint)value * 1_000,
            "ns" => (UInt128)(uint)value * 1_000_000,
            "cycles" or "extra cycles" => 0,
            _ => throw new DataFileException(_file, CsvTable.LineOf(row), $"'{name}' is in {unit}, which is not a time"),
        };
        if (femtoseconds == 0)
        {
            return value;
        }

        UInt128 scaled = femtoseconds * _clock.Numerator;
        UInt128 divisor = (UInt128)_clock.Denominator * 1_000_000_000_000_000;
        return (int)((scaled + divisor - 1) / divisor);
    }
}
