using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core;

/// <summary>What a core reports about itself and its machine; nothing here changes while it runs.</summary>
public sealed record CoreSpec
{
    /// <summary>One core of an EPYC 7742 alone in a machine with 256 MiB.</summary>
    public static readonly CoreSpec Default = new();

    /// <summary>Cores in the machine: CPUID topology leaves.</summary>
    public int CoreCount { get; init; } = 1;

    /// <summary>TOP_MEM (MSR C001_001Ah): the end of RAM below 4 GiB.</summary>
    public ulong TopOfMemory { get; init; } = 256 << 20;

    /// <summary>TOP_MEM2 (MSR C001_001Dh): the end of RAM above 4 GiB; 0 when there is none.</summary>
    public ulong TopOfMemory2 { get; init; }

    /// <summary>Added to this core's TSC at reset, in ticks.</summary>
    public long TscOffset { get; init; }

    /// <summary>The P0 frequency, which is the TSC's: PStateDef0 (MSR C001_0064h).</summary>
    public uint BaseMegahertz { get; init; } = 2250;

    /// <summary>The frequencies of the P-states behind P0 in MHz, each below the one before: PStateDef1 and up (MSRs C001_0065h-6Bh); seven at most.</summary>
    public IReadOnlyList<uint> SlowerMegahertz { get; init; } = [2000, 1500];

    /// <summary>The model in CPUID's name string: <c>7742</c>, <c>7232P</c>.</summary>
    public string ModelName { get; init; } = "7742";

    /// <summary>Cores of the model, for the name string; the machine may have fewer.</summary>
    public int ModelCores { get; init; } = 64;

    /// <summary>
    /// Zero: a write to a device window is posted, as hardware does (UC stores stay in order, and the next UC read waits for them; AMD APM vol. 2, 7.4),
    /// and what it sets off reaches the core while later instructions retire. Otherwise nothing behind it retires before this time has passed, as
    /// in an emulator, where the write and the interrupt that it lets through come before the next instruction.
    /// </summary>
    public SimDuration DeviceWriteSettling { get; init; }

    /// <summary>
    /// With CR0.NE clear an instruction that finds an x87 exception pending waits for an interrupt, as hardware does (AMD APM vol. 2, 3.1.1). False: it
    /// asserts FERR# and goes on, as in an emulator, whose test kernels mask every interrupt.
    /// </summary>
    public bool WaitsForNumericErrors { get; init; } = true;

    /// <summary>Seeds RDRAND and RDSEED.</summary>
    public ulong Seed { get; init; }
}
