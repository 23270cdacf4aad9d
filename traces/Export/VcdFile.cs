using System.Globalization;

namespace CoSim.Traces.Export;

/// <summary>
/// Collects signals and their changes and writes them as a value change dump (IEEE 1364-2005, clause 18), in picoseconds. Signals are declared
/// before the first change and changes stand in the order of time, so that all of them are held until the end: 32 bytes a change.
/// </summary>
internal sealed class VcdFile
{
    private const ulong FemtosecondsPerPicosecond = 1000;
    private const int FirstCode = '!', Codes = '~' - '!' + 1;

    private readonly Dictionary<(string Scope, string Name), int> _signals = [];
    private readonly List<Signal> _declared = [];
    private readonly List<Change> _changes = [];

    /// <summary>Notes that a signal takes a value.</summary>
    /// <param name="scope">The module that it belongs to.</param>
    /// <param name="name">Its name in the module.</param>
    /// <param name="width">1 to 64 bits; the same at every call.</param>
    /// <param name="femtoseconds">When.</param>
    /// <param name="value">The value.</param>
    public void Set(string scope, string name, int width, UInt128 femtoseconds, ulong value) =>
        _changes.Add(new Change(femtoseconds / FemtosecondsPerPicosecond, Declare(scope, name, width, null), value));

    /// <summary>Adds one to a signal that counts from 0.</summary>
    public void Count(string scope, string name, UInt128 femtoseconds)
    {
        int index = Declare(scope, name, 32, 0);
        Signal signal = _declared[index];
        signal.Counted++;
        _changes.Add(new Change(femtoseconds / FemtosecondsPerPicosecond, index, signal.Counted));
    }

    /// <summary>Writes the file.</summary>
    public void Write(Stream output)
    {
        using StreamWriter writer = ExportText.Writer(output);
        writer.WriteLine("$version CoSim $end");
        writer.WriteLine("$timescale 1 ps $end");
        writer.WriteLine("$scope module cosim $end");
        foreach (IGrouping<string, Signal> scope in _declared.GroupBy(s => s.Scope).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            writer.WriteLine($"$scope module {scope.Key} $end");
            foreach (Signal signal in scope.OrderBy(s => s.Name, StringComparer.Ordinal))
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"$var wire {signal.Width} {signal.Code} {signal.Name} $end"));
            writer.WriteLine("$upscope $end");
        }

        writer.WriteLine("$upscope $end");
        writer.WriteLine("$enddefinitions $end");
        writer.WriteLine("$dumpvars");
        foreach (Signal signal in _declared)
            WriteValue(writer, signal, signal.Initial);
        writer.WriteLine("$end");
        WriteChanges(writer);
    }

    private void WriteChanges(StreamWriter writer)
    {
        UInt128? at = null;
        ulong?[] values = [.. _declared.Select(s => s.Initial)];
        // A stable order: what happens at one time keeps the order of the trace. Cores take turns, so a trace may go back a little.
        foreach (Change change in _changes.OrderBy(c => c.Picoseconds))
        {
            if (values[change.Signal] == change.Value)
                continue;
            values[change.Signal] = change.Value;
            if (at != change.Picoseconds)
            {
                at = change.Picoseconds;
                writer.WriteLine("#" + change.Picoseconds.ToString(CultureInfo.InvariantCulture));
            }

            WriteValue(writer, _declared[change.Signal], change.Value);
        }
    }

    private static void WriteValue(StreamWriter writer, Signal signal, ulong? value)
    {
        if (signal.Width == 1)
            writer.WriteLine((value is { } bit ? bit.ToString(CultureInfo.InvariantCulture) : "x") + signal.Code);
        else
            writer.WriteLine($"b{(value is { } number ? number.ToString("b", CultureInfo.InvariantCulture) : "x")} {signal.Code}");
    }

    private int Declare(string scope, string name, int width, ulong? initial)
    {
        (string, string) key = (scope, name);
        if (!_signals.TryGetValue(key, out int index))
        {
            index = _declared.Count;
            _signals.Add(key, index);
            _declared.Add(new Signal(ExportText.Word(scope), ExportText.Word(name), width, Code(index), initial));
        }

        return index;
    }

    /// <summary>The shortest code for a signal: digits to the base 94.</summary>
    private static string Code(int index)
    {
        string code = "";
        for (int rest = index; ; rest = (rest / Codes) - 1)
        {
            code += (char)(FirstCode + (rest % Codes));
            if (rest < Codes)
                return code;
        }
    }

    private sealed record Signal(string Scope, string Name, int Width, string Code, ulong? Initial)
    {
        public ulong Counted { get; set; }
    }

    private readonly record struct Change(UInt128 Picoseconds, int Signal, ulong Value);
}
