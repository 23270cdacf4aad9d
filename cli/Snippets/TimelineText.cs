using System.Globalization;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>
/// A line for each micro-op, a column for each cycle: D dispatched, = waits for its sources, p waits for a pipe, e executes,
/// E has its result, - waits to retire, R retires. The cycles of fetch and decode stand before it, counted from its dispatch.
/// </summary>
internal static class TimelineText
{
    private const int MostColumns = 200, MostLines = 400;

    /// <summary>Writes the first iterations that were recorded.</summary>
    public static void Write(SnippetRequest request, SnippetTiming timing, CodeListing listing, TextWriter output)
    {
        IReadOnlyList<TimelineRow> rows = TimelineRow.Of(request, timing, listing);
        if (rows.Count == 0)
            return;
        ulong origin = rows.Min(r => r.Stages.Dispatch);
        ulong end = Math.Min(rows.Max(r => r.Stages.Retire), origin + MostColumns - 1);
        int width = (int)(end - origin) + 1;
        output.WriteLine($"timeline: {rows.Max(r => r.Iteration) + 1} iterations; D dispatched, = waits for sources, p for a pipe, e executes, E result, - waits to retire, R retires");
        string tens = string.Concat(Enumerable.Range(0, width).Select(n => n % 10 == 0 ? (char)('0' + (n / 10 % 10)) : ' '));
        output.WriteLine($"{"",-9} {"fetch",6} {"decode",6}  {tens.PadRight(width)}  port");
        foreach (TimelineRow row in rows.Take(MostLines))
        {
            StageCycles s = row.Stages;
            string place = string.Create(CultureInfo.InvariantCulture, $"[{row.Iteration},{row.Instruction}.{row.MicroOp}]");
            long fetch = (long)s.Fetch - (long)s.Dispatch, decode = (long)s.Decode - (long)s.Dispatch;
            output.WriteLine($"{place,-9} {fetch,6} {decode,6}  {Columns(s, origin, width)}  {(s.Port == ExecutionPort.None ? "-" : SnippetNames.Of(s.Port)),-4}  {row.Text}".TrimEnd());
        }
        if (rows.Count > MostLines)
            output.WriteLine($"... and {rows.Count - MostLines} micro-ops more (the JSON report has all)");
    }

    private static string Columns(StageCycles s, ulong origin, int width)
    {
        char[] columns = new char[width];
        for (int n = 0; n < width; n++)
            columns[n] = At(s, origin + (ulong)n);
        return new string(columns);
    }

    private static char At(StageCycles s, ulong cycle) =>
        cycle < s.Dispatch || cycle > s.Retire ? '.'
        : cycle == s.Dispatch ? 'D'
        : cycle == s.Retire ? 'R'
        : cycle == s.Complete ? 'E'
        : cycle > s.Complete ? '-'
        : cycle >= s.Issue && s.Issue > s.Dispatch ? 'e'
        : cycle < s.Ready ? '='
        : s.Issue > s.Ready ? 'p' : 'e';
}

/// <summary>A micro-op of the timeline.</summary>
/// <param name="Iteration">Iteration, from 0; by the position of its instruction in the code.</param>
/// <param name="Instruction">Number of its instruction in the code; -1 for the loop's jump and for code elsewhere.</param>
/// <param name="MicroOp">Its place in the instruction.</param>
/// <param name="Stages">When it passed the stages.</param>
/// <param name="Text">Its instruction, at the first micro-op only.</param>
internal sealed record TimelineRow(int Iteration, int Instruction, int MicroOp, StageCycles Stages, string Text)
{
    /// <summary>The micro-ops of the iterations that the user wants to see.</summary>
    public static IReadOnlyList<TimelineRow> Of(SnippetRequest request, SnippetTiming timing, CodeListing listing)
    {
        List<TimelineRow> rows = [];
        int copies = timing.Loop?.Copies ?? 1;
        int lap = 0;
        int last = 0;
        foreach (RecordedOp op in timing.Record.Ops)
        {
            bool jump = timing.Loop is { } loop && op.Rip == loop.Jump;
            bool inside = !jump && listing.Covers(op.Rip, copies);
            int iteration = inside ? (lap * copies) + listing.CopyOf(op.Rip) : last;
            last = iteration;
            if (jump)
                lap++;
            if (iteration >= request.Timeline && timing.Loop is not null)
                break;
            int offset = inside ? listing.OffsetOf(op.Rip) : 0;
            string text = op.Index > 0 ? "" : inside ? listing.TextAt(offset) : jump ? "jump back" : $"0x{op.Rip:x}";
            rows.Add(new TimelineRow(iteration, inside ? listing.IndexOf(offset) ?? -1 : -1, op.Index, op.Stages, text));
        }
        return rows;
    }
}
