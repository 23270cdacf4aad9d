using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>
/// Watches loads page by page and, when two steps in a row are the same number of lines, names the next two lines. AMD
/// publishes neither the number of streams nor the distance; 32 streams and two lines are this model's choice.
/// </summary>
public sealed class StreamPrefetcher
{
    private const int Streams = 32;
    private const int LinesPerPage = 64;

    private readonly ulong[] _lastLine = new ulong[Streams];
    private readonly int[] _step = new int[Streams];
    private readonly byte[] _confidence = new byte[Streams];

    /// <summary>Forgets every stream.</summary>
    public void Clear()
    {
        Array.Clear(_lastLine);
        Array.Clear(_step);
        Array.Clear(_confidence);
    }

    /// <summary>Takes note of a load.</summary>
    /// <returns>Whether <paramref name="next"/> and <paramref name="after"/> should be fetched; both lie in the load's page.</returns>
    public bool Observe(ulong line, out ulong next, out ulong after)
    {
        ulong page = line / LinesPerPage;
        int stream = (int)((page ^ (page >> 5)) % Streams);
        ulong last = _lastLine[stream];
        next = after = 0;
        if (last == line)
        {
            return false;
        }

        _lastLine[stream] = line;
        if (last / LinesPerPage != page)
        {
            _confidence[stream] = 0;
            _step[stream] = 0;
            return false;
        }

        int step = (int)(long)(line - last);
        if (step != _step[stream])
        {
            _step[stream] = step;
            _confidence[stream] = 0;
            return false;
        }

        if (_confidence[stream] < 1)
        {
            _confidence[stream]++;
            return false;
        }

        next = line + (ulong)step;
        after = next + (ulong)step;
        return after / LinesPerPage == page;
    }

    internal void Save(StateWriter writer)
    {
        for (int i = 0; i < Streams; i++)
        {
            writer.UInt64(_lastLine[i]);
            writer.Int32(_step[i]);
            writer.Byte(_confidence[i]);
        }
    }

    internal void Restore(StateReader reader)
    {
        for (int i = 0; i < Streams; i++)
        {
            _lastLine[i] = reader.UInt64();
            _step[i] = reader.Int32();
            _confidence[i] = reader.Byte();
        }
    }
}
