using System.Globalization;
using CoSim.Traces.Format;
using CoSim.Traces.Profile;

namespace CoSim.Traces.Export;

/// <summary>
/// Collapsed stacks, the input of flame graph programs: one line a stack, frames between semicolons, then a blank and a number. From instructions: their
/// core cycles by function and callers. From events alone: what each core was busy with (<see cref="CoreStates"/>), in nanoseconds, rounded down.
/// </summary>
internal sealed class CollapsedExporter : ITraceExporter
{
    private const ulong PerNanosecond = 1_000_000;

    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output)
    {
        using StreamWriter writer = ExportText.Writer(output);
        if (input.Header.Level < TraceLevel.Retire || !WriteFunctions(input, writer))
            WriteStates(input, writer);
    }

    /// <summary>False when there are no instructions.</summary>
    private static bool WriteFunctions(ExportInput input, StreamWriter writer)
    {
        InstructionProfile profile = new(input.Symbols, withCallers: true);
        foreach (TraceEvent e in input.Events)
            profile.Take(in e);
        SortedDictionary<string, ulong> stacks = new(StringComparer.Ordinal);
        foreach (ProfileEntry entry in profile.Entries)
        {
            string stack = string.Join(';', entry.Callers.Reverse().Append(entry.Address).Select(a => ExportText.Word(profile.NameOf(a))));
            stacks[stack] = stacks.GetValueOrDefault(stack) + entry.Values[1];
        }

        foreach ((string stack, ulong cycles) in stacks)
        {
            if (cycles > 0)
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stack} {cycles}"));
        }

        return !profile.IsEmpty;
    }

    private static void WriteStates(ExportInput input, StreamWriter writer)
    {
        SortedDictionary<string, UInt128> stacks = new(StringComparer.Ordinal);
        Dictionary<int, (string State, UInt128 Since)> running = [];
        CoreStates states = new();
        UInt128 last = 0;
        foreach (TraceEvent e in input.Events)
        {
            last = UInt128.Max(last, e.Time.Femtoseconds);
            if (!states.Take(in e, out int core, out string state))
                continue;
            if (running.TryGetValue(core, out (string State, UInt128 Since) before))
                Charge(stacks, core, before, e.Time.Femtoseconds);
            running[core] = (state, e.Time.Femtoseconds);
        }

        foreach ((int core, (string State, UInt128 Since) open) in running)
            Charge(stacks, core, open, last);
        foreach ((string stack, UInt128 femtoseconds) in stacks)
        {
            if (femtoseconds >= PerNanosecond)
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stack} {femtoseconds / PerNanosecond}"));
        }
    }

    private static void Charge(SortedDictionary<string, UInt128> stacks, int core, (string State, UInt128 Since) span, UInt128 end)
    {
        string stack = $"core {core};{span.State}";
        UInt128 length = end > span.Since ? end - span.Since : 0;
        stacks[stack] = stacks.GetValueOrDefault(stack) + length;
    }
}
