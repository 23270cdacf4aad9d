namespace CoSim.Os;

/// <summary>Event bits of poll(2).</summary>
public static class PollEvents
{
    public const int In = 1, Pri = 2, Out = 4, Err = 8, Hup = 0x10, Nval = 0x20, RdNorm = 0x40, WrNorm = 0x100, RdHup = 0x2000;
}

/// <summary>The wait queues that a polling task has joined.</summary>
public unsafe struct PollTable
{
    private const int EntriesPerBlock = 60;

    private struct Block
    {
        public Block* Next;
        public int Count;
        public Entries Items;
    }

    [System.Runtime.CompilerServices.InlineArray(EntriesPerBlock)]
    private struct Entries { private WaitEntry _first; }

    private Block* _blocks;
    public Task* Task;

    /// <summary>Instead of waking <see cref="Task"/>: called with the queue locked and interrupts off.</summary>
    public delegate*<WaitEntry*, void> Callback;
    public void* Context;

    /// <summary>Joins a queue; called by Poll operations. A null table only asks for the present state.</summary>
    public static void Join(PollTable* table, WaitQueue* queue)
    {
        if (table == null) return;
        if (table->_blocks == null || table->_blocks->Count == EntriesPerBlock)
        {
            Block* b = (Block*)Heap.Allocate((ulong)sizeof(Block));
            if (b == null) return;
            b->Next = table->_blocks;
            table->_blocks = b;
        }
        WaitEntry* e = (WaitEntry*)Text.Address(ref table->_blocks->Items) + table->_blocks->Count++;
        *e = default;
        e->Task = table->Task;
        e->Callback = table->Callback;
        e->Context = table->Context;
        WaitQueue.Add(queue, e);
    }

    /// <summary>Leaves all queues.</summary>
    public static void Leave(PollTable* table)
    {
        while (table->_blocks != null)
        {
            Block* b = table->_blocks;
            for (int i = 0; i < b->Count; i++) WaitQueue.Remove((WaitEntry*)Text.Address(ref b->Items) + i);
            table->_blocks = b->Next;
            Heap.Free(b);
        }
    }
}
