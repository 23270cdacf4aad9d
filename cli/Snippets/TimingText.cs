using System.Globalization;
using CoSim.Cli.Running;
using CoSim.Cli.Study;
using CoSim.Cli.Terminal;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>What the detailed engine measured, for people.</summary>
internal static class TimingText
{
    private const int CausesPerLine = 3, BoundsShown = 4;

    /// <summary>Writes summary, causes, the table of instructions and the timeline.</summary>
    public static void Write(SnippetResult result, SnippetTiming timing, Screen screen)
    {
        TextWriter output = screen.Output;
        CodeListing listing = new(result.Request);
        output.WriteLine();
        output.WriteLine($"run: {SnippetText.Counted(timing.RunCycles, "cycle")}, {(timing.Cold ? "cold" : "warm")}");
        if (timing.Loop is { } loop)
            WriteLoop(loop, output);
        else
            output.WriteLine($"no loop: {timing.NoLoop}");
        WriteCauses(timing, output);
        WriteInstructions(timing, listing, screen);
        if (result.Request.Timeline > 0)
            TimelineText.Write(result.Request, timing, listing, output);
    }

    private static void WriteLoop(LoopTiming loop, TextWriter output)
    {
        output.WriteLine($"cycles per iteration: {loop.CyclesPerIteration.ToDecimal(2)}{Exact(loop.CyclesPerIteration)}{(loop.IsSteady ? "" : ", not steady")}");
        output.WriteLine(
            $"per iteration: {loop.InstructionsPerIteration.ToDecimal(2)} instructions, {loop.PerIteration(c => c.MacroOps).ToDecimal(2)} macro-ops, {loop.PerIteration(c => c.MicroOps).ToDecimal(2)} micro-ops"
            + (loop.InstructionsPerCycle is { } ipc ? $"; {ipc.ToDecimal(2)} instructions per cycle" : ""));
        string shorter = loop.ShorterCopies > 0 ? $", less a loop of {loop.ShorterCopies}" : "";
        string steady = loop.IsSteady ? $"repeats after {SnippetText.Counted((ulong)loop.Period, "lap")}, found after {loop.WarmUpLaps}" : $"no repetition in {loop.WarmUpLaps} laps";
        output.WriteLine($"loop: {(loop.Copies == 1 ? "1 copy" : $"{loop.Copies} copies")} and a jump{shorter}; {steady}");
        Bottleneck bottleneck = Bottleneck.Of(loop);
        output.WriteLine("bounds: " + string.Join(", ", bottleneck.Bounds.Take(BoundsShown).Select(b => $"{b.Name} {b.Cycles.ToDecimal(2)}")));
        output.WriteLine("bottleneck: " + (bottleneck.Resource ?? (bottleneck.Cause == CycleCause.Retiring ? "none found" : "waiting: " + CauseNames.Detailed[(int)bottleneck.Cause])));
    }

    private static string Exact(Fraction fraction) => fraction.Denominator.IsOne || (100 % fraction.Denominator).IsZero ? "" : $" ({fraction})";

    private static void WriteCauses(SnippetTiming timing, TextWriter output)
    {
        ulong total = timing.Record.Cycles.Total;
        if (total == 0)
            return;
        string what = timing.Loop is { } loop ? $"{SnippetText.Counted((ulong)loop.Laps, "lap")} of the loop" : "the run";
        output.WriteLine($"{SnippetText.Counted(total, "cycle")} of {what}:");
        foreach ((int cause, ulong cycles) in Causes(timing.Record.Cycles))
            output.WriteLine($"  {ExactDecimal.Ratio((UInt128)cycles * 100, total, 1),5} %  {CauseNames.Detailed[cause]}");
    }

    private static IEnumerable<(int Cause, ulong Cycles)> Causes(CycleCounts counts)
    {
        List<(int Cause, ulong Cycles)> causes = [];
        for (int n = 0; n < CycleCauses.Count; n++)
        {
            if (counts[n] > 0)
                causes.Add((n, counts[n]));
        }
        return causes.OrderByDescending(c => c.Cycles).ThenBy(c => c.Cause);
    }

    private static void WriteInstructions(SnippetTiming timing, CodeListing listing, Screen screen)
    {
        ExecutionPort[] used = [.. SnippetNames.Ports.Where(p => timing.Record.Instructions.Values.Any(c => c.Ports[(int)p] > 0))];
        TextTable table = new TextTable().Numbers("cycles").Numbers("times").Numbers("mops").Numbers("uops").Numbers("latency").Numbers("sources").Numbers("port").Numbers("retire");
        foreach (ExecutionPort port in used)
            table.Numbers(SnippetNames.Of(port));
        table.Words("bytes").Words("instruction").Words("causes");
        foreach (InstructionLine line in InstructionLine.Of(timing, listing))
        {
            InstructionCost cost = line.Cost;
            table.Row(
            [
                Each(cost.Cycles.Total, line.Per), Each(cost.Times, line.Per), Each(cost.MacroOps, cost.Times), Each(cost.MicroOps, cost.Times),
                Each(cost.Executing, cost.Times), Each(cost.WaitedForSources, cost.MicroOps), Each(cost.WaitedForPort, cost.MicroOps), Each(cost.WaitedToRetire, cost.MicroOps),
                .. used.Select(p => cost.Ports[(int)p] == 0 ? "" : Each(cost.Ports[(int)p], line.Per)),
                line.Bytes, line.Text,
                string.Join(", ", Causes(cost.Cycles).Take(CausesPerLine).Select(c => $"{CauseNames.Detailed[c.Cause]} {Each(c.Cycles, line.Per)}")),
            ]);
        }
        screen.Output.WriteLine(timing.Loop is null ? "instructions of the run:" : "instructions, per iteration:");
        screen.Write(table);
    }

    private static string Each(ulong sum, ulong count) => count == 0 ? "" : ExactDecimal.Ratio(sum, count, 2);
}
