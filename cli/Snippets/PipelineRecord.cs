using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>A micro-op that was recorded.</summary>
/// <param name="Rip">Address of its instruction (offset in the code segment).</param>
/// <param name="Index">Its place in the instruction, from 0.</param>
/// <param name="Stages">When it passed the stages.</param>
internal readonly record struct RecordedOp(ulong Rip, int Index, StageCycles Stages);

/// <summary>A stretch of a run, added up by instruction.</summary>
internal sealed class PipelineRecord
{
    private readonly List<RecordedOp> _current = [];

    /// <summary>Costs by the address of the instruction (offset in the code segment).</summary>
    public Dictionary<ulong, InstructionCost> Instructions { get; } = [];

    /// <summary>Micro-ops in the order of retirement, as many as were asked for.</summary>
    public List<RecordedOp> Ops { get; } = [];

    /// <summary>Cycles by cause; their sum is the length of the stretch.</summary>
    public CycleCounts Cycles;

    /// <summary>Instructions that retired.</summary>
    public ulong Retired { get; private set; }

    /// <summary>Whether <see cref="Ops"/> is filled.</summary>
    public bool KeepsOps { get; init; }

    /// <summary>Most micro-ops that are kept.</summary>
    private const int MostOps = 1 << 20;

    /// <summary>Notes a micro-op.</summary>
    public void Add(in RecordedOp op)
    {
        _current.Add(op);
        if (KeepsOps && Ops.Count < MostOps)
            Ops.Add(op);
    }

    /// <summary>Notes a retirement, which ends the micro-ops noted since the last.</summary>
    public void Retire(ulong rip, in CycleCounts cycles)
    {
        if (!Instructions.TryGetValue(rip, out InstructionCost? cost))
            Instructions.Add(rip, cost = new InstructionCost());
        cost.Add(_current, in cycles);
        _current.Clear();
        Cycles.Add(in cycles);
        Retired++;
    }
}

/// <summary>Records a whole run.</summary>
internal sealed class RunRecorder(bool keepOps) : IPipelineListener
{
    /// <summary>The run.</summary>
    public PipelineRecord Record { get; } = new() { KeepsOps = keepOps };

    /// <inheritdoc/>
    public void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => Record.Retire(rip, in cycles);

    /// <inheritdoc/>
    public void OnMicroOp(ulong rip, int index, in StageCycles stages) => Record.Add(new RecordedOp(rip, index, stages));
}
