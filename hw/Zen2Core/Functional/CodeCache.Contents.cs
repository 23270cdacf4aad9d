using System.Runtime.InteropServices;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.Functional;

/// <content>Going back to what was decoded at an earlier moment.</content>
public sealed unsafe partial class CodeCache
{
    /// <summary>What is decoded now.</summary>
    public CodeContents Contents()
    {
        HashSet<Block> blocks = new(ReferenceEqualityComparer.Instance);
        foreach (List<Block> list in _pages.Values)
        {
            foreach (Block block in list)
            {
                if (block.Valid)
                    blocks.Add(block);
            }
        }

        return new CodeContents([.. blocks], [.. _pages.Keys]);
    }

    /// <summary>
    /// Brings back what was decoded at a moment; memory must have been brought back before. What has been decoded since is dropped, what has
    /// been dropped since is decoded again. Call only between engine runs.
    /// </summary>
    public void Restore(CodeContents contents)
    {
        HashSet<Block> wanted = new(contents.Blocks, ReferenceEqualityComparer.Instance);
        foreach ((ulong page, List<Block> list) in _pages)
        {
            foreach (Block block in list)
            {
                if (block.Valid && !wanted.Contains(block))
                    Invalidate(block);
            }

            list.RemoveAll(b => !b.Valid);
            Mark(page, code: false);
        }

        foreach (ulong page in _pages.Keys.Except(contents.Pages).ToArray())
            _pages.Remove(page);
        foreach (Block block in contents.Blocks)
        {
            if (!block.Valid)
                _ = Again(block);
        }

        foreach (ulong page in contents.Pages)
        {
            // Where every block is gone the mark stays until the next store.
            ref List<Block>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(_pages, page, out _);
            list ??= [];
            Mark(page, code: true);
        }

        foreach (CoreContext core in _cores)
        {
            core.State->Host.PendingLink = null;
            core.Virtual.DropEntries();
        }
    }

    /// <summary>The block that stands for one that may have been dropped since. Memory must hold the bytes that it was decoded from.</summary>
    internal Block Again(Block block)
    {
        if (block.Valid)
            return block;
        if (_blocks.Find(block.Key) is { Valid: true } known && known.SecondPage == block.SecondPage)
            return known;
        byte* start = _memory.PointerTo(block.Key.Physical, out _);
        int available = (int)(PhysicalMemory.PageSize - (block.Key.Physical & (PhysicalMemory.PageSize - 1)));
        Block again = block.SecondPage != Block.NoPage ? DecodeAcross(block.Key, block.Linear, block.SecondPage)
            : start == null ? _decoder.Undefined(block.Key, block.Linear)
            : _decoder.Decode(block.Key, block.Linear, new ReadOnlySpan<byte>(start, available)) ?? _decoder.Undefined(block.Key, block.Linear);
        return Adopt(again);
    }

    private void Mark(ulong page, bool code)
    {
        byte* flags = _memory.FlagsOf(page << PhysicalMemory.PageShift);
        if (flags != null)
            *flags = code ? (byte)(*flags | PageFlags.Code) : (byte)(*flags & ~PageFlags.Code);
    }
}
