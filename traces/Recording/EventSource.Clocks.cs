using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <content>What programs read.</content>
public sealed partial class EventSource
{
    /// <summary>A program has read a clock: <see cref="TraceEvents.ProgramClock"/>.</summary>
    /// <param name="time">When the call ended.</param>
    /// <param name="clock">The clock's name.</param>
    /// <param name="values">The other fields in the order of the kind, without the name.</param>
    public void ProgramClock(SimTime time, string clock, ReadOnlySpan<ulong> values)
    {
        TraceEvent e = new(TraceEvents.ProgramClock, time) { Text = clock };
        int from = 0;
        for (int i = 0; i < TraceEvents.ProgramClock.FieldCount; i++)
        {
            if (i != TraceEvents.ProgramClock.TextField)
                e.Values[i] = values[from++];
        }

        _sink.Add(in e);
    }
}
