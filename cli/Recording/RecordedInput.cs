using CoSim.Cli.Terminal;
using CoSim.Traces.Format;

namespace CoSim.Cli.Recording;

/// <summary>Gives a replay the console input of its recording: each byte when the machine asks as often as it had asked then.</summary>
internal sealed class RecordedInput : IConsoleSource
{
    private readonly Queue<(ulong Poll, byte Value)> _bytes = [];
    private ulong _polls;

    /// <summary>Reads the input out of a trace.</summary>
    public RecordedInput(TraceReader trace)
    {
        foreach ((TraceEvent e, int packed) in trace.EventsBesideInstructions())
        {
            if (packed == 0 && e.Kind.Name == TraceEvents.ConsoleInput.Name)
                _bytes.Enqueue((e.Values[1], (byte)e.Values[0]));
        }
    }

    /// <inheritdoc/>
    public bool WaitForByte() => _bytes.Count > 0;

    /// <inheritdoc/>
    public bool TryTake(out byte value)
    {
        _polls++;
        value = 0;
        if (!_bytes.TryPeek(out (ulong Poll, byte Value) next) || next.Poll > _polls)
            return false;
        value = _bytes.Dequeue().Value;
        return true;
    }
}
