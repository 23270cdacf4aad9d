using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Cli.Snippets;

/// <summary>
/// Watches a loop until its laps repeat: a lap ends when the jump back retires, and its pattern is the cycle, from the lap's
/// start, in which each of its instructions retired. When a run of laps repeats with some period, whole periods more are
/// recorded, and must repeat as well.
/// </summary>
/// <param name="jump">Address of the jump back (offset in the code segment).</param>
/// <param name="lapsWanted">Laps that are recorded at least, for a timeline.</param>
/// <param name="keepOps">Keep the micro-ops of the recorded laps.</param>
/// <param name="stop">Ends the run.</param>
internal sealed class LoopRecorder(ulong jump, int lapsWanted, bool keepOps, Action stop) : IPipelineListener
{
    /// <summary>The longest period that is looked for.</summary>
    public const int LongestPeriod = 64;

    /// <summary>A loop that has not settled after so many laps or cycles is reported as it is.</summary>
    public const int MostLaps = 300, MostCycles = 1_000_000;

    private const int SmallestProof = 12, ProofPeriods = 3;
    private const ulong HashStart = 14695981039346656037, HashFactor = 1099511628211;

    private readonly List<(ulong Pattern, ulong Cycles)> _laps = [];
    private ulong _start, _pattern = HashStart, _firstCycle;
    private bool _hasStart;
    private int _recordUntil;

    /// <summary>The recorded laps; null when the loop ended before any was recorded.</summary>
    public PipelineRecord? Record { get; private set; }

    /// <summary>How many laps <see cref="Record"/> has.</summary>
    public int RecordedLaps { get; private set; }

    /// <summary>Cycles of the recorded laps.</summary>
    public ulong RecordedCycles { get; private set; }

    /// <summary>Laps after which the pattern repeats; 0 when it never did.</summary>
    public int Period { get; private set; }

    /// <summary>Laps before the recorded ones.</summary>
    public int Laps => _laps.Count - RecordedLaps;

    /// <summary>True when all laps were recorded that were to be.</summary>
    public bool IsComplete { get; private set; }

    /// <inheritdoc/>
    public void OnMicroOp(ulong rip, int index, in StageCycles stages) => Record?.Add(new RecordedOp(rip, index, stages));

    /// <inheritdoc/>
    public void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles)
    {
        if (IsComplete)
            return;
        Record?.Retire(rip, in cycles);
        if (_hasStart)
            _pattern = (((_pattern ^ rip) * HashFactor) ^ (cycle - _start)) * HashFactor;
        if (rip != jump)
            return;
        if (_hasStart)
            EndLap(cycle);
        else
            _firstCycle = cycle;
        _hasStart = true;
        _start = cycle;
        _pattern = HashStart;
    }

    private void EndLap(ulong cycle)
    {
        _laps.Add((_pattern, cycle - _start));
        if (Record is null)
        {
            Period = FindPeriod();
            if (Period > 0)
                BeginRecord(Period);
            else if (_laps.Count >= MostLaps || cycle - _firstCycle >= MostCycles)
                BeginRecord(LongestPeriod);
            return;
        }
        RecordedLaps++;
        RecordedCycles += cycle - _start;
        if (Period > 0 && _laps[^1] != _laps[^(Period + 1)])
        {
            // It only looked steady.
            Record = null;
            Period = RecordedLaps = 0;
            RecordedCycles = 0;
            return;
        }
        if (RecordedLaps == _recordUntil)
        {
            IsComplete = true;
            stop();
        }
    }

    private void BeginRecord(int period)
    {
        Record = new PipelineRecord { KeepsOps = keepOps };
        _recordUntil = (Math.Max(lapsWanted, period) + period - 1) / period * period;
    }

    private int FindPeriod()
    {
        for (int period = 1; period <= LongestPeriod; period++)
        {
            int proof = Math.Max(SmallestProof, ProofPeriods * period);
            if (_laps.Count < proof + period)
                return 0;
            int at = 1;
            while (at <= proof && _laps[^at] == _laps[^(at + period)])
                at++;
            if (at > proof)
                return period;
        }
        return 0;
    }
}
