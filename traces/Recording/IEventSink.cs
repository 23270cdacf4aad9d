using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <summary>Takes events in the order in which they happen.</summary>
public interface IEventSink
{
    /// <summary>Takes one event.</summary>
    void Add(in TraceEvent e);
}
