using CoSim.Traces.Import;

namespace CoSim.Cli.Workloads;

/// <summary>
/// Turns absolute times of the recorded machine's clocks into distances. Where such a call expired, its time lies shortly before its return: the
/// smallest lateness of a clock's calls tells how that clock is ahead of the recording's.
/// </summary>
internal sealed class AbsoluteTimes
{
    private readonly Dictionary<int, long> _ahead = [];

    /// <summary>Looks at a call.</summary>
    public void Learn(RecordedCall call)
    {
        if ((call.Flags & CallFlags.Absolute) == 0 || !call.Expired || call.Duration == null)
            return;
        long ahead = unchecked(call.Timeout - (long)call.End);
        _ahead[call.Clock] = _ahead.TryGetValue(call.Clock, out long known) ? Math.Max(known, ahead) : ahead;
    }

    /// <summary>Nanoseconds from a call's beginning to its absolute time; null when the clock is not known.</summary>
    public ulong? Distance(RecordedCall call) =>
        _ahead.TryGetValue(call.Clock, out long ahead) ? (ulong)Math.Max(0, unchecked(call.Timeout - ahead - (long)call.Start)) : null;
}
