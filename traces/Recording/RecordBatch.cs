using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <summary>
/// What goes through a <see cref="RecordChannel"/> at once: instructions and micro-ops as packed words (<see cref="PackedRecord"/>), other events whole. Most
/// of the words' bits matter, and most of an event's are zero: an event is 224 bytes, an instruction with one operand 40.
/// </summary>
internal sealed class RecordBatch
{
    /// <summary>Words in a batch: small enough that it is still in the host's caches when it is read.</summary>
    private const int WordCount = 1 << 14;

    private const int EventCount = 256;

    private readonly ulong[] _words = new ulong[WordCount];
    private readonly TraceEvent[] _events = new TraceEvent[EventCount];

    /// <summary>The packed words so far.</summary>
    public ReadOnlySpan<ulong> Words => _words.AsSpan(0, Length);

    /// <summary>Words used.</summary>
    public int Length { get; private set; }

    /// <summary>Events used.</summary>
    public int Events { get; private set; }

    /// <summary>Whether the longest record may not fit any more.</summary>
    public bool IsFull => Length > WordCount - PackedRecord.MostWords || Events == EventCount;

    /// <summary>Where the next record goes; it has room for <see cref="PackedRecord.MostWords"/>.</summary>
    public Span<ulong> Free => _words.AsSpan(Length);

    /// <summary>An event of this batch.</summary>
    public ref readonly TraceEvent Event(int index) => ref _events[index];

    /// <summary>Counts the words that were written to <see cref="Free"/>.</summary>
    public void Advance(int words) => Length += words;

    /// <summary>Adds an event.</summary>
    public void Add(in TraceEvent e)
    {
        _events[Events++] = e;
        _words[Length++] = PackedRecord.WholeEvent;
    }

    /// <summary>Empties it.</summary>
    public void Clear() => (Length, Events) = (0, 0);
}
