using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>A bound on the cycles of an iteration that one resource sets.</summary>
/// <param name="Name">The resource.</param>
/// <param name="Cycles">Cycles that it takes at least.</param>
internal sealed record ResourceBound(string Name, Fraction Cycles);

/// <summary>What keeps a loop from being faster, as far as the engine tells.</summary>
/// <param name="Bounds">Every resource that is used, the tightest first.</param>
/// <param name="Resource">The resource that is in use all the time; null when none is: the loop then waits for results.</param>
/// <param name="Cause">The cause with most cycles beside retiring.</param>
internal sealed record Bottleneck(IReadOnlyList<ResourceBound> Bounds, string? Resource, CycleCause Cause)
{
    /// <summary>Instructions and macro-ops that dispatch takes in a cycle, macro-ops that retire (hw/Zen2Core/Data/parameters.csv).</summary>
    private const int DispatchInstructions = 5, DispatchMacroOps = 6, RetireMacroOps = 8;

    /// <summary>A resource counts as the bottleneck when its bound reaches 49/50 of the measured cycles.</summary>
    private const int NearlyNumerator = 49, NearlyDenominator = 50;

    /// <summary>Finds the bottleneck of a measured loop.</summary>
    public static Bottleneck Of(LoopTiming loop)
    {
        List<ResourceBound> bounds =
        [
            new("dispatch, instructions", loop.InstructionsPerIteration / DispatchInstructions),
            new("dispatch, macro-ops", loop.PerIteration(c => c.MacroOps) / DispatchMacroOps),
            new("retirement", loop.PerIteration(c => c.MacroOps) / RetireMacroOps),
        ];
        foreach (ExecutionPort port in SnippetNames.Ports)
        {
            if (loop.PerIteration(port) is { Numerator.Sign: > 0 } uses)
                bounds.Add(new ResourceBound(SnippetNames.Of(port), uses));
        }
        bounds.Sort((a, b) => b.Cycles.CompareTo(a.Cycles) is var order and not 0 ? order : string.CompareOrdinal(a.Name, b.Name));
        Fraction needed = new(loop.CyclesPerIteration.Numerator * NearlyNumerator, loop.CyclesPerIteration.Denominator * NearlyDenominator);
        CycleCause cause = CycleCause.Retiring;
        for (int n = 1; n < CycleCauses.Count; n++)
        {
            if (loop.Record.Cycles[n] > 0 && (cause == CycleCause.Retiring || loop.Record.Cycles[n] > loop.Record.Cycles[cause]))
                cause = (CycleCause)n;
        }
        return new Bottleneck(bounds, bounds[0].Cycles.CompareTo(needed) >= 0 ? bounds[0].Name : null, cause);
    }
}
