using CoSim.Cli.Options;
using CoSim.Cli.Study;

namespace CoSim.Cli.Workloads;

/// <summary>What a replay was made under.</summary>
/// <param name="System">The operating system's name.</param>
/// <param name="Source">The clocksource.</param>
/// <param name="Namespace">The time namespace.</param>
public sealed record WorkloadConfiguration(string System, Clocksource Source, NamespaceKind Namespace)
{
    /// <inheritdoc/>
    public override string ToString() => $"{System}/{StudyWords.Source.Name((int)Source)}/{StudyWords.Namespace.Name((int)Namespace)}";
}

/// <summary>What a replay found.</summary>
/// <param name="Configuration">What it was made under.</param>
/// <param name="Rows">The calls.</param>
/// <param name="Threads">The threads.</param>
/// <param name="Causes">Names of the causes that cycles are charged to; none on the functional engine.</param>
/// <param name="Abandoned">Calls that could not be measured.</param>
public sealed record WorkloadResult(WorkloadConfiguration Configuration, IReadOnlyList<RowMeasurements> Rows, IReadOnlyList<ThreadMeasurements> Threads, IReadOnlyList<string> Causes, int Abandoned)
{
    /// <summary>Core cycles that the threads lived, added up.</summary>
    public ulong LifeCycles => Threads.Aggregate(0UL, (sum, t) => sum + t.Cycles);

    /// <summary>Core cycles that their calls kept cores busy.</summary>
    public ulong BusyCycles => Rows.Aggregate(0UL, (sum, r) => sum + r.TotalBusy);
}

/// <summary>All replays of a workload.</summary>
/// <param name="Machine">The machine that was measured.</param>
/// <param name="Workload">What was replayed.</param>
/// <param name="Results">The replays.</param>
public sealed record WorkloadReport(MachineChoice Machine, Workload Workload, IReadOnlyList<WorkloadResult> Results);
