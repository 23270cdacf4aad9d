using System.Globalization;
using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>
/// The text of gem5's O3PipeView debug flag (gem5, util/o3-pipeview.py), which Konata reads too: seven lines a micro-op, 1000 ticks a core
/// cycle, in the order of retirement. Rename and dispatch are one step on Zen 2. The format knows one core.
/// </summary>
internal sealed class O3PipeViewExporter : ITraceExporter
{
    private const ulong TicksPerCycle = 1000;

    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output)
    {
        using StreamWriter writer = ExportText.Writer(output);
        ulong? core = null;
        foreach (PipelineOp op in PipelineOp.Of(input.Events))
        {
            if (core is { } only && only != op.Core)
                throw new TraceFormatException($"micro-ops of cores {only} and {op.Core}; the format knows one core, choose it with --core");
            core = op.Core;
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"O3PipeView:fetch:{Tick(op.Stages.Fetch)}:0x{op.Rip:x8}:{op.Index}:{op.Number + 1}:{op.Text}"));
            Stage(writer, "decode", op.Stages.Decode);
            Stage(writer, "rename", op.Stages.Dispatch);
            Stage(writer, "dispatch", op.Stages.Dispatch);
            Stage(writer, "issue", op.Stages.Issue);
            Stage(writer, "complete", op.Stages.Complete);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"O3PipeView:retire:{Tick(op.Stages.Retire)}:store:0"));
        }

        if (core == null)
            throw new TraceFormatException("it holds no micro-ops; record them with --level pipeline on the detailed engine");
    }

    private static ulong Tick(ulong cycle) => unchecked(cycle * TicksPerCycle);

    private static void Stage(StreamWriter writer, string name, ulong cycle) =>
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"O3PipeView:{name}:{Tick(cycle)}"));
}
