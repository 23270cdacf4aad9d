namespace CoSim.Cli.Workloads;

/// <summary>What was measured of the calls of one row.</summary>
public sealed class RowMeasurements(WorkloadRow row, int causes)
{
    private readonly ulong[] _causes = new ulong[causes];

    /// <summary>Which calls.</summary>
    public WorkloadRow Row { get; } = row;

    /// <summary>Core cycles that each call kept a core busy: with the caller's page table loaded and the core not waiting.</summary>
    public List<ulong> Busy { get; } = [];

    /// <summary>Core cycles from each call's beginning to its end.</summary>
    public List<ulong> Elapsed { get; } = [];

    /// <summary>How much later than its timeout each expired call returned, in nanoseconds rounded down.</summary>
    public List<ulong> Late { get; } = [];

    /// <summary>What the recording says of the calls, in nanoseconds, where it says it.</summary>
    public List<ulong> Recorded { get; } = [];

    /// <summary>Instructions that retired meanwhile, with the caller's page table loaded.</summary>
    public ulong Instructions { get; private set; }

    /// <summary>Busy cycles by cause; none on an engine that does not attribute.</summary>
    public ReadOnlySpan<ulong> Causes => _causes;

    /// <summary>Busy cycles of all calls.</summary>
    public ulong TotalBusy => Busy.Aggregate(0UL, (sum, b) => sum + b);

    internal void Add(ulong busy, ulong elapsed, ulong instructions, ReadOnlySpan<ulong> causes)
    {
        Busy.Add(busy);
        Elapsed.Add(elapsed);
        Instructions += instructions;
        for (int i = 0; i < causes.Length; i++)
            _causes[i] += causes[i];
    }
}

/// <summary>How long a thread lived in the replay.</summary>
/// <param name="Thread">The recorded thread's number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Calls">Calls that were measured.</param>
/// <param name="Cycles">Core cycles from its beginning to its end.</param>
public sealed record ThreadMeasurements(ulong Thread, string Name, int Calls, ulong Cycles);
