using CoSim.Hw.Simulation;

namespace CoSim.Traces.Export;

/// <summary>
/// Writes packets of Perfetto's trace format (perfetto.dev, protos/perfetto/trace/trace_packet.proto, track_event/track_event.proto and
/// track_event/track_descriptor.proto): one sequence, no interned data, names in full.
/// </summary>
internal sealed class PerfettoPackets(Stream output)
{
    // Numbers of fields, named as in the definitions.
    private const int TracePacket = 1;
    private const int PacketTimestamp = 8, PacketSequence = 10, PacketTrackEvent = 11, PacketSequenceFlags = 13, PacketTrackDescriptor = 60;
    private const int TrackUuid = 1, TrackName = 2, TrackParent = 5, TrackCounter = 8;
    private const int EventAnnotations = 4, EventType = 9, EventTrack = 11, EventCategories = 22, EventName = 23, EventCounterValue = 30;
    private const int AnnotationUnsigned = 3, AnnotationSigned = 4, AnnotationText = 6, AnnotationPointer = 7, AnnotationName = 10;
    private const ulong SliceBegin = 1, SliceEnd = 2, Instant = 3, Counter = 4;
    private const ulong StateCleared = 1;

    private readonly ProtoMessage _trace = new();
    private readonly ProtoMessage _packet = new();
    private readonly ProtoMessage _content = new();
    private readonly ProtoMessage _part = new();
    private readonly Dictionary<(ulong Parent, string Name), ulong> _tracks = [];
    private bool _hasBegun;

    /// <summary>Finds a track, or makes it.</summary>
    /// <param name="parent">The track that it stands under; 0 for none.</param>
    /// <param name="name">Its name, unique under the parent.</param>
    /// <param name="isCounter">Whether it shows values.</param>
    public ulong Track(ulong parent, string name, bool isCounter = false)
    {
        if (_tracks.TryGetValue((parent, name), out ulong uuid))
            return uuid;
        uuid = (ulong)_tracks.Count + 1;
        _tracks.Add((parent, name), uuid);
        _ = _content.Clear().Add(TrackUuid, uuid).Add(TrackName, name);
        if (parent != 0)
            _ = _content.Add(TrackParent, parent);
        if (isCounter)
            _ = _content.Add(TrackCounter, _part.Clear());
        Send(_packet.Clear().Add(PacketTrackDescriptor, _content));
        return uuid;
    }

    /// <summary>A slice begins.</summary>
    public void Begin(ulong track, SimTime time, string name, string category) => Send(time, Event(SliceBegin, track, name, category));

    /// <summary>The latest slice of a track ends.</summary>
    public void End(ulong track, SimTime time) => Send(time, _content.Clear().Add(EventType, SliceEnd).Add(EventTrack, track));

    /// <summary>A counter has a value.</summary>
    public void Value(ulong track, SimTime time, ulong value) =>
        Send(time, _content.Clear().Add(EventType, Counter).Add(EventTrack, track).AddSigned(EventCounterValue, unchecked((long)value)));

    /// <summary>Begins something without length; <see cref="Argument(string, string)"/> and its like add to it, <see cref="Send(SimTime)"/> ends it.</summary>
    public void Point(ulong track, string name, string category) => _ = Event(Instant, track, name, category);

    /// <summary>Begins a slice that gets arguments; <see cref="Send(SimTime)"/> ends it.</summary>
    public void Slice(ulong track, string name, string category) => _ = Event(SliceBegin, track, name, category);

    /// <summary>Adds a text to the event that was begun.</summary>
    public void Argument(string name, string text) => _ = _content.Add(EventAnnotations, _part.Clear().Add(AnnotationName, name).Add(AnnotationText, text));

    /// <summary>Adds a number to the event that was begun.</summary>
    public void Argument(string name, ulong value) => _ = _content.Add(EventAnnotations, _part.Clear().Add(AnnotationName, name).Add(AnnotationUnsigned, value));

    /// <summary>Adds a signed number to the event that was begun.</summary>
    public void Signed(string name, long value) => _ = _content.Add(EventAnnotations, _part.Clear().Add(AnnotationName, name).AddSigned(AnnotationSigned, value));

    /// <summary>Adds an address to the event that was begun.</summary>
    public void Address(string name, ulong value) => _ = _content.Add(EventAnnotations, _part.Clear().Add(AnnotationName, name).Add(AnnotationPointer, value));

    /// <summary>Writes the event that was begun.</summary>
    public void Send(SimTime time) => Send(time, _content);

    private ProtoMessage Event(ulong type, ulong track, string name, string category) =>
        _content.Clear().Add(EventType, type).Add(EventTrack, track).Add(EventCategories, category).Add(EventName, name);

    private void Send(SimTime time, ProtoMessage trackEvent) =>
        Send(_packet.Clear().Add(PacketTimestamp, ExportText.Nanoseconds(time)).Add(PacketTrackEvent, trackEvent));

    private void Send(ProtoMessage packet)
    {
        _ = packet.Add(PacketSequence, 1);
        if (!_hasBegun)
            _ = packet.Add(PacketSequenceFlags, StateCleared);
        _hasBegun = true;
        output.Write(_trace.Clear().Add(TracePacket, packet).Bytes.Span);
    }
}
