using System.Runtime.InteropServices;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Native memory for micro-ops, handed out front to back and freed all at once: links between blocks never dangle.</summary>
internal sealed unsafe class MicroOpArena : IDisposable
{
    private const int ChunkBytes = 2 << 20;
    private const int ChunkOps = ChunkBytes / 64;
    private const int LargePage = 2 << 20;

    private readonly List<nint> _chunks = [];
    private int _used = ChunkOps;

    /// <summary>Bytes allocated.</summary>
    public long Bytes => (long)_chunks.Count * ChunkBytes;

    /// <summary>Space for <paramref name="count"/> consecutive micro-ops, cache-line aligned.</summary>
    public MicroOp* Reserve(int count)
    {
        if (_used + count > ChunkOps)
        {
            byte* chunk = (byte*)NativeMemory.AlignedAlloc(ChunkBytes, LargePage);
            // The first chunk is all that a piece of code on a bare core uses, and little of that.
            if (_chunks.Count > 0)
                LargePages.Prefer(chunk, ChunkBytes);
            _chunks.Add((nint)chunk);
            _used = 0;
        }

        return (MicroOp*)_chunks[^1] + _used;
    }

    /// <summary>Keeps the first <paramref name="count"/> of what was reserved last.</summary>
    public void Commit(int count) => _used += count;

    /// <summary>Frees everything.</summary>
    public void Clear()
    {
        foreach (nint chunk in _chunks)
            NativeMemory.AlignedFree((void*)chunk);
        _chunks.Clear();
        _used = ChunkOps;
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();
}
