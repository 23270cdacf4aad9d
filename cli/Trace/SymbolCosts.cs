using System.Globalization;
using CoSim.Cli.Terminal;
using CoSim.Traces.Format;
using CoSim.Traces.Profile;

namespace CoSim.Cli.Trace;

/// <summary>What a function cost in two runs.</summary>
/// <param name="Symbol">Its name, or the address of code without one.</param>
/// <param name="Instructions">Instructions in the first run.</param>
/// <param name="OtherInstructions">Instructions in the second run.</param>
/// <param name="Cycles">Core cycles in the first run.</param>
/// <param name="OtherCycles">Core cycles in the second run.</param>
internal sealed record SymbolCost(string Symbol, ulong Instructions, ulong OtherInstructions, ulong Cycles, ulong OtherCycles)
{
    /// <summary>Cycles that the second run took more.</summary>
    public long Difference => unchecked((long)(OtherCycles - Cycles));
}

/// <summary>The costs of two runs by symbol.</summary>
internal static class SymbolCosts
{
    private const int MostShown = 20;

    /// <summary>Adds up a profile by symbol.</summary>
    public static Dictionary<string, (ulong Instructions, ulong Cycles)> Of(InstructionProfile profile)
    {
        Dictionary<string, (ulong Instructions, ulong Cycles)> costs = new(StringComparer.Ordinal);
        foreach (ProfileEntry entry in profile.Entries)
        {
            string name = NameOf(profile.Symbols, entry.Address);
            (ulong instructions, ulong cycles) = costs.GetValueOrDefault(name);
            costs[name] = (instructions + entry.Values[0], unchecked(cycles + entry.Values[1]));
        }

        return costs;
    }

    /// <summary>The function that an address lies in, or its page.</summary>
    public static string NameOf(TraceSymbols names, ulong address) =>
        names.Find(address) is { } known ? $"{known.Image}: {known.Symbol}" : $"page {address & ~0xFFFul:x}";

    /// <summary>The functions whose cost differs, the largest difference first.</summary>
    public static IReadOnlyList<SymbolCost> Compare(
        Dictionary<string, (ulong Instructions, ulong Cycles)> left, Dictionary<string, (ulong Instructions, ulong Cycles)> right) =>
        [.. left.Keys.Union(right.Keys)
            .Select(name => new SymbolCost(name, left.GetValueOrDefault(name).Instructions, right.GetValueOrDefault(name).Instructions, left.GetValueOrDefault(name).Cycles, right.GetValueOrDefault(name).Cycles))
            .Where(c => c.Difference != 0 || c.Instructions != c.OtherInstructions)
            .OrderByDescending(c => UInt128.CreateTruncating(Int128.Abs(c.Difference))).ThenBy(c => c.Symbol, StringComparer.Ordinal)];

    /// <summary>Writes the largest differences as a table.</summary>
    public static void Write(TextWriter output, IReadOnlyList<SymbolCost> costs)
    {
        output.WriteLine();
        if (costs.Count == 0)
        {
            output.WriteLine("every function cost the same");
            return;
        }

        TextTable table = new TextTable().Words("symbol").Numbers("instructions").Numbers("then").Numbers("cycles").Numbers("then").Numbers("difference");
        foreach (SymbolCost cost in costs.Take(MostShown))
            table.Row(cost.Symbol, Text(cost.Instructions), Text(cost.OtherInstructions), Text(cost.Cycles), Text(cost.OtherCycles), cost.Difference.ToString("+0;-0;0", CultureInfo.InvariantCulture));
        Screen.For(output).Write(table);
        if (costs.Count > MostShown)
            output.WriteLine($"... and {costs.Count - MostShown} more");
        Int128 total = costs.Aggregate((Int128)0, (sum, c) => sum + c.Difference);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"all together: {(total > 0 ? "+" : "")}{total} cycles"));
    }

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
