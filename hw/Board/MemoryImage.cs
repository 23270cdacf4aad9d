using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>All RAM at one moment. Images share the pages that did not change between them; a page of zeros takes nothing.</summary>
internal sealed class MemoryImage
{
    private static readonly byte[] s_zeros = new byte[PhysicalMemory.PageSize];

    private readonly byte[]?[][] _ranges;

    private MemoryImage(byte[]?[][] ranges, long newBytes)
    {
        _ranges = ranges;
        NewBytes = newBytes;
    }

    /// <summary>Bytes that the image before did not hold.</summary>
    public long NewBytes { get; }

    /// <summary>Takes an image.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="before">An image whose pages may be shared; null for none.</param>
    public static unsafe MemoryImage Of(PhysicalMemory memory, MemoryImage? before)
    {
        (ulong Start, ulong Length, bool Ram)[] ranges = [.. memory.Ranges.Where(r => r.Ram)];
        byte[]?[][] pages = new byte[]?[ranges.Length][];
        long newBytes = 0;
        for (int r = 0; r < ranges.Length; r++)
        {
            byte* host = memory.PointerTo(ranges[r].Start, out _);
            byte[]?[] range = pages[r] = new byte[]?[ranges[r].Length >> PhysicalMemory.PageShift];
            for (int n = 0; n < range.Length; n++)
            {
                ReadOnlySpan<byte> page = new(host + ((long)n << PhysicalMemory.PageShift), PhysicalMemory.PageSize);
                byte[]? known = before?._ranges[r][n];
                if (known is not null && page.SequenceEqual(known))
                {
                    range[n] = known;
                }
                else if (page.ContainsAnyExcept((byte)0))
                {
                    range[n] = page.ToArray();
                    newBytes += PhysicalMemory.PageSize;
                }
            }
        }

        return new MemoryImage(pages, newBytes);
    }

    /// <summary>Brings memory to the image. Pages that differ are written, and what was decoded from them is dropped.</summary>
    public unsafe void Restore(PhysicalMemory memory)
    {
        int r = 0;
        foreach ((ulong start, _, bool ram) in memory.Ranges.ToArray())
        {
            if (!ram)
            {
                continue;
            }

            byte[]?[] range = _ranges[r++];
            byte* host = memory.PointerTo(start, out _);
            for (int n = 0; n < range.Length; n++)
            {
                byte[] wanted = range[n] ?? s_zeros;
                ulong offset = (ulong)n << PhysicalMemory.PageShift;
                if (!new ReadOnlySpan<byte>(host + offset, PhysicalMemory.PageSize).SequenceEqual(wanted))
                {
                    memory.Write(start + offset, wanted);
                }
            }
        }
    }
}
