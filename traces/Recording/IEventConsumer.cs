namespace CoSim.Traces.Recording;

/// <summary>What stands at the far end of a <see cref="RecordChannel"/>, on the channel's thread.</summary>
public interface IEventConsumer : IEventSink
{
    /// <summary>Called first.</summary>
    void Begin();

    /// <summary>False once further events are of no use: the disk is full, or a replay went another way.</summary>
    bool WantsMore { get; }

    /// <summary>The run has ended, and every event has been handed over.</summary>
    void Finish();
}
