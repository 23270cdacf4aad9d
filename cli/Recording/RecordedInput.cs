using CoSim.Cli.Terminal;
using CoSim.Traces.Format;

namespace CoSim.Cli.Recording;

/// <summary>Gives a replay the console input of its recording: each byte when the machine asks as often as it had asked then.</summary>
internal sealed class RecordedInput : IConsoleSource
{
    private readonly Task<Queue<(ulong Poll, byte Value)>> _bytes;
    private ulong _polls;

    /// <summary>Reads the input out of a trace, while the machine is made and until it asks.</summary>
    public RecordedInput(TraceReader trace)
    {
        _ = trace.Blocks;
        _bytes = Task.Run(() => Read(trace));
    }

    private Queue<(ulong Poll, byte Value)> Bytes => _bytes.GetAwaiter().GetResult();

    /// <inheritdoc/>
    public bool WaitForByte() => Bytes.Count > 0;

    /// <inheritdoc/>
    public bool TryTake(out byte value)
    {
        _polls++;
        value = 0;
        if (!Bytes.TryPeek(out (ulong Poll, byte Value) next) || next.Poll > _polls)
            return false;
        value = Bytes.Dequeue().Value;
        return true;
    }

    private static Queue<(ulong Poll, byte Value)> Read(TraceReader trace)
    {
        Queue<(ulong Poll, byte Value)> bytes = [];
        foreach (TraceEvent e in trace.EventsOf(TraceEvents.ConsoleInput.Name))
            bytes.Enqueue((e.Values[1], (byte)e.Values[0]));

        return bytes;
    }
}
