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

    private CoreParameters(string file, Frequency clock)
    {
        _file = file;
        _clock = clock;
    }

    private CoreParameters(CsvTable table, Frequency clock)
        : this(table.Name, clock)
    {
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

    /// <summary>The same parameters, but for one, for a what-if.</summary>
    /// <param name="name">A parameter that <see cref="RangeOf"/> gives a range for.</param>
    /// <param name="value">Its value, in the file's unit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The parameter cannot be changed, or not to this value.</exception>
    public CoreParameters With(string name, int value)
    {
        if (RangeOf(name) is not { } range || value < range.Low || value > range.High)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"'{name}' cannot have this value");
        }

        CoreParameters changed = new(_file, _clock);
        foreach ((string key, (int Value, string Unit, int Row) entry) in _values)
        {
            changed._values.Add(key, key == name ? entry with { Value = value } : entry);
        }

        return changed;
    }

    /// <summary>
    /// The values that a parameter may be given: a time up to 10,000 times itself (an absent one up to 10,000); a width, or the length of a queue,
    /// a quarter of itself up to itself. Null for what cannot be changed: there is no such parameter, or it shapes what a saved machine holds
    /// (caches, TLBs, predictors).
    /// </summary>
    public (int Low, int High)? RangeOf(string name)
    {
        const int most = 10_000;
        if (!_values.TryGetValue(name, out (int Value, string Unit, int Row) entry))
        {
            return null;
        }

        if (entry.Unit is "ps" or "ps per line" or "ns" or "cycles" or "extra cycles")
        {
            return (Math.Min(entry.Value, 1), (int)Math.Min((long)Math.Max(entry.Value, 1) * most, int.MaxValue / 2));
        }

        return Queues.Contains(name) ? ((entry.Value + 3) / 4, entry.Value) : null;
    }

    /// <summary>Names of the parameters that can be changed.</summary>
    public IEnumerable<string> Changeable => _values.Keys.Where(name => RangeOf(name) != null).Order(StringComparer.Ordinal);

    /// <summary>Widths and lengths that no saved state depends on.</summary>
    private static readonly string[] Queues =
    [
        "fetch.instructions.decode", "fetch.instructions.opcache", "frontend.queue", "dispatch.instructions", "dispatch.macroops", "retire.macroops",
        "rob.macroops", "prf.integer.rename", "prf.vector.rename", "scheduler.alu", "scheduler.agu", "scheduler.fp", "queue.load", "queue.store",
    ];

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
