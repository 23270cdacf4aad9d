using CoSim.Hw.Zen2Core.Functional.Native;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>What identifies a decoded block.</summary>
/// <param name="Physical">Physical address of its first byte.</param>
/// <param name="Rip">Instruction pointer of its first instruction.</param>
/// <param name="ModeKey">Decode mode (<see cref="ModeKeys"/>).</param>
public readonly record struct BlockKey(ulong Physical, ulong Rip, byte ModeKey)
{
    /// <inheritdoc/>
    public override int GetHashCode() => (int)(((Physical ^ (Rip << 20) ^ ModeKey) * 0x9E37_79B9_7F4A_7C15) >> 32);
}

/// <summary>A decoded block: consecutive micro-ops that end in a branch, an instruction that ends blocks, or a pseudo link.</summary>
public sealed unsafe class Block
{
    /// <summary>Value of <see cref="SecondPage"/> when the block lies in one page.</summary>
    public const ulong NoPage = ulong.MaxValue;

    internal Block(BlockKey key, MicroOp* first, int count, int bytes, ulong secondPage)
    {
        Key = key;
        Entry = First = first;
        Count = count;
        Bytes = bytes;
        SecondPage = secondPage;
        Valid = true;
    }

    /// <summary>Identity.</summary>
    public BlockKey Key { get; }

    /// <summary>Whether this is the block of a key.</summary>
    internal bool Has(in BlockKey key) => Key.Rip == key.Rip && Key.Physical == key.Physical && Key.ModeKey == key.ModeKey;

    /// <summary>First micro-op. Its memory stays valid until <see cref="CodeCache.Trimming"/>.</summary>
    public MicroOp* First { get; }

    /// <summary>
    /// Where links and the jump cache lead: <see cref="First"/>, or the <see cref="BlockEntry"/> before it where blocks may be
    /// translated.
    /// </summary>
    internal MicroOp* Entry { get; private set; }

    /// <summary>Offset of the translation, or -1.</summary>
    internal int NativeBody { get; private set; } = -1;

    /// <summary>Jumps of translated code that lead to the translation.</summary>
    internal List<int>? IncomingSites { get; set; }

    /// <summary>Micro-ops, the pseudo one at the end included.</summary>
    public int Count { get; }

    /// <summary>Bytes of code.</summary>
    public int Bytes { get; }

    /// <summary>Physical address of the next page when the only instruction crosses into it, or <see cref="NoPage"/>.</summary>
    public ulong SecondPage { get; }

    /// <summary>Linear address of its first byte when it was decoded.</summary>
    public ulong Linear { get; init; }

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
        Entry->Disp = 0;
        Entry->Handler = &LeaveInvalid;
    }

    /// <summary>Makes the micro-op before the first the entry.</summary>
    /// <param name="number">Number of the block in its cache.</param>
    /// <param name="executions">Executions until it is translated.</param>
    /// <param name="body">Where translated code jumps to meanwhile.</param>
    internal void CountExecutions(int number, uint executions, nint body)
    {
        Entry = First - 1;
        *Entry = default;
        BlockEntry* entry = (BlockEntry*)Entry;
        entry->Handler = &NativeHandlers.Count;
        entry->Rip = Key.Rip;
        entry->Countdown = executions;
        entry->Body = body;
        entry->Number = number;
    }

    /// <summary>Puts a translation in force.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="body">Its host address.</param>
    /// <param name="handler">The host address that has the shape of a handler.</param>
    internal void SetTranslation(int offset, nint body, nint handler)
    {
        NativeBody = offset;
        BlockEntry* entry = (BlockEntry*)Entry;
        entry->Body = body;
        entry->Handler = (delegate*<CpuState*, MicroOp*, MicroOp*>)handler;
    }

    /// <summary>Takes the translation out of force, or says that there will be none.</summary>
    /// <param name="body">The stub that runs the entry's handler.</param>
    internal void DropTranslation(nint body)
    {
        NativeBody = -1;
        BlockEntry* entry = (BlockEntry*)Entry;
        entry->Body = body;
        entry->Handler = &NativeHandlers.Pass;
    }

    /// <summary>Sends links that still lead here on to the block that took this one's place.</summary>
    internal void Replace(Block successor)
    {
        if (!Valid && successor.MayBeLinked)
            Entry->Disp = (long)successor.Entry;
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
