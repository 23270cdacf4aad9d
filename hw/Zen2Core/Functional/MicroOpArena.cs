using System.Runtime.InteropServices;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Native memory for micro-ops, handed out front to back and freed all at once: links between blocks never dangle.</summary>
internal sealed unsafe class MicroOpArena : IDisposable
{
    private const int ChunkOps = 16384;

    private readonly List<nint> _chunks = [];
    private int _used = ChunkOps;

    /// <summary>Bytes allocated.</summary>
    public long Bytes => (long)_chunks.Count * ChunkOps * sizeof(MicroOp);

    /// <summary>Space for <paramref name="count"/> consecutive micro-ops, cache-line aligned.</summary>
    public MicroOp* Reserve(int count)
    {
        if (_used + count > ChunkOps)
        {
            _chunks.Add((nint)NativeMemory.AlignedAlloc((nuint)(ChunkOps * sizeof(MicroOp)), 64));
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
