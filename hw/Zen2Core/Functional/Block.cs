using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>What identifies a decoded block.</summary>
/// <param name="Physical">Physical address of its first byte.</param>
/// <param name="Rip">Instruction pointer of its first instruction.</param>
/// <param name="ModeKey">Decode mode (<see cref="ModeKeys"/>).</param>
public readonly record struct BlockKey(ulong Physical, ulong Rip, byte ModeKey);

/// <summary>A decoded block: consecutive micro-ops that end in a branch, an instruction that ends blocks, or a pseudo link.</summary>
public sealed unsafe class Block
{
    /// <summary>Value of <see cref="SecondPage"/> when the block lies in one page.</summary>
    public const ulong NoPage = ulong.MaxValue;

    internal Block(BlockKey key, MicroOp* first, int count, int bytes, ulong secondPage)
    {
        Key = key;
        First = first;
        Count = count;
        Bytes = bytes;
        SecondPage = secondPage;
        Valid = true;
    }

    /// <summary>Identity.</summary>
    public BlockKey Key { get; }

    /// <summary>First micro-op. Its memory stays valid until <see cref="CodeCache.Trimming"/>.</summary>
    public MicroOp* First { get; }

    /// <summary>Micro-ops, the pseudo one at the end included.</summary>
    public int Count { get; }

    /// <summary>Bytes of code.</summary>
    public int Bytes { get; }

    /// <summary>Physical address of the next page when the only instruction crosses into it, or <see cref="NoPage"/>.</summary>
    public ulong SecondPage { get; }

    /// <summary>The first instruction's address is watched: only the engine's own lookup may lead here.</summary>
    public bool Watched { get; init; }

    /// <summary>Whether other blocks and the jump cache may lead here without a look at mappings and watched addresses.</summary>
    public bool MayBeLinked => SecondPage == NoPage && !Watched;

    /// <summary>False after the code was written to.</summary>
    public bool Valid { get; private set; }

    /// <summary>True when the code overlaps physical addresses first to last.</summary>
    public bool Overlaps(ulong first, ulong last)
    {
        if (SecondPage == NoPage)
            return first < Key.Physical + (uint)Bytes && last >= Key.Physical;
        ulong inFirst = 0x1000 - (Key.Physical & 0xFFF);
        return (first < Key.Physical + inFirst && last >= Key.Physical)
            || (first < SecondPage + (uint)Bytes - inFirst && last >= SecondPage);
    }

    internal void Invalidate()
    {
        Valid = false;
        First->Disp = 0;
        First->Handler = &LeaveInvalid;
    }

    /// <summary>Sends links that still lead here on to the block that took this one's place.</summary>
    internal void Replace(Block successor)
    {
        if (!Valid && successor.MayBeLinked)
            First->Disp = (long)successor.First;
    }

    /// <summary>Stands in for the first micro-op of an invalid block: goes on in its successor, or back to the engine to have one decoded.</summary>
    private static MicroOp* LeaveInvalid(CpuState* s, MicroOp* op)
    {
        s->Rip = op->Rip;
        MicroOp* successor = (MicroOp*)op->Disp;
        JumpEntry* entry = s->Host.Jumps + JumpEntry.Slot(op->Rip);
        if (entry->Target == op)
        {
            entry->Target = successor;
            entry->Tag = successor != null ? entry->Tag : ~(op->Rip ^ s->Host.JumpSalt);
        }

        return successor;
    }
}
