using CoSim.Hw.Zen2Core.Data;

namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>Sizes and latencies of caches, fabric and DRAM in cycles (of the core in the first two levels, of the reference clock behind them), fixed for a machine's life.</summary>
public sealed class MemoryParameters
{
    /// <summary>Takes the values from the parameter file.</summary>
    /// <exception cref="DataFileException">A parameter is missing.</exception>
    public MemoryParameters(CoreParameters p)
    {
        L1Sets = p["l1d.sets"];
        L1Ways = p["l1d.ways"];
        L1InstructionSets = p["l1i.sets"];
        L1InstructionWays = p["l1i.ways"];
        L1Latency = p.Cycles("load.latency.l1");
        MissBuffers = p["l1d.mshr"];
        L2Sets = p["l2.sets"];
        L2Ways = p["l2.ways"];
        L2Latency = p.Cycles("l2.latency");
        L3Sets = p["l3.sets"];
        L3Ways = p["l3.ways"];
        L3Latency = p.Cycles("l3.latency");
        DramLatency = p.Cycles("dram.latency");
        DramInterval = p.Cycles("dram.interval");
        SameComplexLatency = p.Cycles("transfer.ccx");
        SameDieLatency = p.Cycles("transfer.ccd");
        OtherDieLatency = p.Cycles("transfer.socket");
        CoresPerComplex = p["topology.cores.ccx"];
        ComplexesPerDie = p["topology.ccx.ccd"];
    }

    /// <summary>Sets of the first-level data cache.</summary>
    public int L1Sets { get; }

    /// <summary>Ways of the first-level data cache.</summary>
    public int L1Ways { get; }

    /// <summary>Sets of the first-level instruction cache.</summary>
    public int L1InstructionSets { get; }

    /// <summary>Ways of the first-level instruction cache.</summary>
    public int L1InstructionWays { get; }

    /// <summary>Load to use, cycles.</summary>
    public int L1Latency { get; }

    /// <summary>How many lines may be under way to one core.</summary>
    public int MissBuffers { get; }

    /// <summary>Sets of the second-level cache.</summary>
    public int L2Sets { get; }

    /// <summary>Ways of the second-level cache.</summary>
    public int L2Ways { get; }

    /// <summary>Load to use from the second level, cycles.</summary>
    public int L2Latency { get; }

    /// <summary>Sets of a complex's third-level cache.</summary>
    public int L3Sets { get; }

    /// <summary>Ways of a complex's third-level cache.</summary>
    public int L3Ways { get; }

    /// <summary>Load to use from the third level, cycles.</summary>
    public int L3Latency { get; }

    /// <summary>Load to use from DRAM, cycles.</summary>
    public int DramLatency { get; }

    /// <summary>Cycles between the starts of two line transfers from DRAM.</summary>
    public int DramInterval { get; }

    /// <summary>Load to use from another core's cache in the same complex, cycles.</summary>
    public int SameComplexLatency { get; }

    /// <summary>Load to use from a cache in the other complex of the same die, cycles.</summary>
    public int SameDieLatency { get; }

    /// <summary>Load to use from a cache on another die, cycles.</summary>
    public int OtherDieLatency { get; }

    /// <summary>Cores that share a third-level cache.</summary>
    public int CoresPerComplex { get; }

    /// <summary>Complexes on a die.</summary>
    public int ComplexesPerDie { get; }
}
