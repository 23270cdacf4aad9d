using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <summary>Makes events of what a machine, its devices and its cores report: the same ones when a run is recorded and when it is replayed.</summary>
public sealed partial class EventSource
{
    private readonly IEventSink _sink;

    /// <summary>Makes a source.</summary>
    /// <param name="sink">Takes the events.</param>
    public EventSource(IEventSink sink) => _sink = sink;

    /// <summary>Makes events of instructions, too; null when they are not recorded.</summary>
    public InstructionSource? Instructions { get; init; }

    /// <summary>A byte left the serial console.</summary>
    public void ConsoleOutput(SimTime time, byte value) => Add(TraceEvents.ConsoleOutput, time, value);

    /// <summary>A byte entered the serial console.</summary>
    /// <param name="time">When.</param>
    /// <param name="value">The byte.</param>
    /// <param name="poll">How often the machine had asked for input, this time included.</param>
    public void ConsoleInput(SimTime time, byte value, ulong poll) => Add(TraceEvents.ConsoleInput, time, value, poll);

    /// <summary>A guest executed a marker instruction.</summary>
    public void GuestRequest(SimTime time, int core, byte request, ulong argument) => Add(TraceEvents.GuestRequest, time, (ulong)core, request, argument);

    /// <summary>The machine stopped.</summary>
    /// <param name="time">When.</param>
    /// <param name="reason">Why.</param>
    /// <param name="instructions">Retired by all cores.</param>
    /// <param name="state">Digest of its state.</param>
    public void Stop(SimTime time, string reason, ulong instructions, ulong state)
    {
        Instructions?.Finish(time);
        TraceEvent e = new(TraceEvents.Stop, time) { Text = reason };
        e.Values[1] = instructions;
        e.Values[2] = state;
        _sink.Add(in e);
    }

    private void Add(EventKind kind, SimTime time, ulong first)
    {
        TraceEvent e = new(kind, time);
        e.Values[0] = first;
        _sink.Add(in e);
    }

    private void Add(EventKind kind, SimTime time, ulong first, ulong second)
    {
        TraceEvent e = new(kind, time);
        e.Values[0] = first;
        e.Values[1] = second;
        _sink.Add(in e);
    }

    private void Add(EventKind kind, SimTime time, ulong first, ulong second, ulong third)
    {
        TraceEvent e = new(kind, time);
        e.Values[0] = first;
        e.Values[1] = second;
        e.Values[2] = third;
        _sink.Add(in e);
    }
}
