using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>What the instructions at one place of the code cost, over all their executions.</summary>
internal sealed class InstructionCost
{
    /// <summary>Executions.</summary>
    public ulong Times { get; set; }

    /// <summary>Cycles attributed to it, by cause.</summary>
    public CycleCounts Cycles;

    /// <summary>Micro-ops by the pipe that they went to.</summary>
    public ulong[] Ports { get; } = new ulong[ExecutionPorts.Count];

    /// <summary>Micro-ops.</summary>
    public ulong MicroOps { get; set; }

    /// <summary>Dispatch slots.</summary>
    public ulong MacroOps { get; set; }

    /// <summary>Cycles between dispatch and the last source being there, over all micro-ops.</summary>
    public ulong WaitedForSources { get; set; }

    /// <summary>Cycles between that and issue: the pipe was busy.</summary>
    public ulong WaitedForPort { get; set; }

    /// <summary>Cycles from the first issue of an execution to its last result.</summary>
    public ulong Executing { get; set; }

    /// <summary>Cycles from the result to retirement, over all micro-ops.</summary>
    public ulong WaitedToRetire { get; set; }

    /// <summary>Adds the micro-ops of one execution, and forgets them.</summary>
    public void Add(List<RecordedOp> ops, in CycleCounts cycles)
    {
        Times++;
        Cycles.Add(in cycles);
        ulong first = ulong.MaxValue, last = 0;
        foreach (RecordedOp op in ops)
        {
            StageCycles s = op.Stages;
            Ports[(int)s.Port]++;
            MicroOps++;
            MacroOps += (ulong)s.MacroOps;
            ulong ready = Math.Clamp(s.Ready, s.Dispatch, Math.Max(s.Issue, s.Dispatch));
            WaitedForSources += ready - s.Dispatch;
            // It issues in the cycle after dispatch at the earliest.
            ulong earliest = Math.Max(ready, s.Dispatch + 1);
            WaitedForPort += s.Issue > earliest ? s.Issue - earliest : 0;
            WaitedToRetire += s.Retire - Math.Min(s.Complete, s.Retire);
            first = Math.Min(first, s.Issue);
            last = Math.Max(last, s.Complete);
        }
        Executing += last > first ? last - first : 0;
    }

    /// <summary>Adds the cost of another copy.</summary>
    public void Add(InstructionCost other)
    {
        Times += other.Times;
        Cycles.Add(in other.Cycles);
        for (int n = 0; n < Ports.Length; n++)
            Ports[n] += other.Ports[n];
        MicroOps += other.MicroOps;
        MacroOps += other.MacroOps;
        WaitedForSources += other.WaitedForSources;
        WaitedForPort += other.WaitedForPort;
        Executing += other.Executing;
        WaitedToRetire += other.WaitedToRetire;
    }
}
