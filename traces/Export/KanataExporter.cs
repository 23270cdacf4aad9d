using System.Globalization;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>
/// The log format of the pipeline viewers Kanata and Konata (github.com/shioyadan/Konata, docs/kanata-log-format.md, version 0004). Stages: F fetch, Q micro-op
/// queue, W in a scheduler, waiting for sources, P ready, waiting for a pipe, X executing, C complete, waiting to retire. A core is a thread.
/// </summary>
/// <remarks>The format wants the order of cycles, a trace has the order of retirement: all micro-ops are held, about 100 bytes each. Export a stretch of a long run.</remarks>
internal sealed class KanataExporter : ITraceExporter
{
    private static readonly string[] Stages = ["F", "Q", "W", "P", "X", "C"];

    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output)
    {
        PipelineOp[] ops = [.. PipelineOp.Of(input.Events).OrderBy(o => o.Stages.Fetch)];
        if (ops.Length == 0)
            throw new TraceFormatException("it holds no micro-ops; record them with --level pipeline on the detailed engine");
        using StreamWriter writer = ExportText.Writer(output);
        writer.WriteLine("Kanata\t0004");
        PriorityQueue<(int Op, int Step), (ulong Cycle, int Op, int Step)> steps = new();
        int next = 0;
        ulong? at = null;
        while (next < ops.Length || steps.Count > 0)
        {
            while (next < ops.Length && (!steps.TryPeek(out _, out (ulong Cycle, int Op, int Step) soon) || ops[next].Stages.Fetch <= soon.Cycle))
            {
                steps.Enqueue((next, 0), (ops[next].Stages.Fetch, next, 0));
                next++;
            }

            _ = steps.TryDequeue(out (int Op, int Step) step, out (ulong Cycle, int Op, int Step) when);
            if (at != when.Cycle)
                writer.WriteLine(at is { } before ? string.Create(CultureInfo.InvariantCulture, $"C\t{when.Cycle - before}") : string.Create(CultureInfo.InvariantCulture, $"C=\t{when.Cycle}"));
            at = when.Cycle;
            WriteStep(writer, in ops[step.Op], step.Op, step.Step);
            if (step.Step < Stages.Length)
            {
                int following = Following(ops[step.Op].Stages, step.Step);
                steps.Enqueue((step.Op, following), (Math.Max(when.Cycle, CycleOf(ops[step.Op].Stages, following)), step.Op, following));
            }
        }
    }

    /// <summary>The next stage that takes any time, or retirement.</summary>
    private static int Following(StageCycles stages, int step)
    {
        int following = step + 1;
        while (following < Stages.Length && CycleOf(stages, following) == CycleOf(stages, following + 1))
            following++;
        return following;
    }

    /// <summary>The cycle in which a stage begins; behind the last stage, that of retirement.</summary>
    private static ulong CycleOf(StageCycles s, int stage) => stage switch
    {
        0 => s.Fetch,
        1 => s.Decode,
        2 => s.Dispatch,
        3 => s.Ready,
        4 => s.Issue,
        5 => s.Complete,
        _ => s.Retire,
    };

    private static void WriteStep(StreamWriter writer, in PipelineOp op, int id, int step)
    {
        if (step == 0)
        {
            string place = op.Index == 0 ? op.Text : string.Create(CultureInfo.InvariantCulture, $"{op.Text} [{op.Index}]");
            string pipe = op.Stages.Port == ExecutionPort.None ? "no pipe" : op.Stages.Port.ToString().ToLowerInvariant();
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"I\t{id}\t{op.Number}\t{op.Core}"));
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"L\t{id}\t0\t{op.Rip:x}: {place}"));
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"L\t{id}\t1\t{pipe}, {op.Stages.MacroOps} dispatch slots"));
        }

        writer.WriteLine(step == Stages.Length
            ? string.Create(CultureInfo.InvariantCulture, $"R\t{id}\t{op.Number}\t0")
            : string.Create(CultureInfo.InvariantCulture, $"S\t{id}\t0\t{Stages[step]}"));
    }
}
