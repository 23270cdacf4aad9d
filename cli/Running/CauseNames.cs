using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Running;

/// <summary>The causes of cycles in the words of the report (docs/attribution.md).</summary>
internal static class CauseNames
{
    /// <summary>The only cause on the functional engine, which has no pipeline.</summary>
    public static IReadOnlyList<string> Functional { get; } = ["functional"];

    /// <summary>The causes of the detailed engine, in the order of <see cref="CycleCause"/>.</summary>
    public static IReadOnlyList<string> Detailed { get; } = [.. Enum.GetValues<CycleCause>().Select(Name)];

    private static string Name(CycleCause cause) => cause switch
    {
        CycleCause.Retiring => "retiring",
        CycleCause.InstructionCache => "instruction cache",
        CycleCause.InstructionTlb => "instruction TLB",
        CycleCause.Decode => "decode",
        CycleCause.BranchBubble => "branch bubble",
        CycleCause.BranchMisprediction => "branch misprediction",
        CycleCause.Dependency => "dependency",
        CycleCause.ExecutionPort => "execution port",
        CycleCause.L1 => "L1",
        CycleCause.L2 => "L2",
        CycleCause.L3 => "L3",
        CycleCause.RemoteCache => "remote cache",
        CycleCause.Dram => "DRAM",
        CycleCause.DataTlb => "data TLB",
        CycleCause.StoreBuffer => "store buffer",
        CycleCause.Serialisation => "serialisation",
        CycleCause.Device => "device",
        CycleCause.Microcode => "microcode",
        CycleCause.Delivery => "delivery",
        CycleCause.Halted => "halted",
        _ => cause.ToString().ToLowerInvariant(),
    };
}
