using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;
using CoSim.Traces.Format.Instructions;
using CoSim.Traces.Profile;

namespace CoSim.Traces.Export;

/// <summary>A micro-op as the pipeline viewers want it.</summary>
/// <param name="Number">Its place among the trace's micro-ops, from 0.</param>
/// <param name="Core">Its core.</param>
/// <param name="Rip">Address of its instruction.</param>
/// <param name="Index">Its place in the instruction.</param>
/// <param name="Stages">When it passed the stages.</param>
/// <param name="Text">The instruction's text; empty when the trace does not have it.</param>
internal readonly record struct PipelineOp(ulong Number, ulong Core, ulong Rip, ulong Index, StageCycles Stages, string Text)
{
    /// <summary>The micro-ops of a trace in the order in which they retired.</summary>
    public static IEnumerable<PipelineOp> Of(IEnumerable<TraceEvent> events)
    {
        CodeBook code = new();
        ulong number = 0;
        foreach (TraceEvent e in events)
        {
            if (e.Kind.Packing != Packing.MicroOp)
            {
                code.Take(in e);
                continue;
            }

            ulong rip = e.Values[InstructionLayout.Rip];
            StageCycles stages = new(
                e.Values[InstructionLayout.Fetch], e.Values[InstructionLayout.Fetch + 1], e.Values[InstructionLayout.Fetch + 2], e.Values[InstructionLayout.Fetch + 3],
                e.Values[InstructionLayout.Fetch + 4], e.Values[InstructionLayout.Fetch + 5], e.Values[InstructionLayout.Retire],
                (ExecutionPort)(byte)e.Values[InstructionLayout.Port], (int)e.Values[InstructionLayout.Slots]);
            yield return new PipelineOp(number++, e.Values[InstructionLayout.Core], rip, e.Values[InstructionLayout.OpIndex], stages, code.TextOf(rip));
        }
    }
}
