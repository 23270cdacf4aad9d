namespace CoSim.Os;

/// <summary>One waiter. Lives on the waiter's stack or in a longer-lived object; must be removed before it goes away.</summary>
public unsafe struct WaitEntry
{
    public WaitEntry* Next, Previous;
    public WaitQueue* Queue;
    public Task* Task;

    /// <summary>Instead of waking <see cref="Task"/>: called with the queue locked and interrupts off.</summary>
    public delegate*<WaitEntry*, void> Callback;
    public void* Context;
    public bool Woken;
}

/// <summary>Tasks that wait for something. Usable from interrupt handlers.</summary>
public unsafe struct WaitQueue
{
    private SpinLock _lock;
    private WaitEntry* _first;
    private WaitEntry* _last;

    /// <summary>Appends a waiter; its Task (or Callback) is set by the caller.</summary>
    public static void Add(WaitQueue* q, WaitEntry* e)
    {
        ulong flags = q->_lock.AcquireIrqSave();
        e->Queue = q;
        e->Next = null;
        e->Previous = q->_last;
        if (q->_last != null) q->_last->Next = e;
        else q->_first = e;
        q->_last = e;
        q->_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Takes a waiter out; no effect if it is in no queue.</summary>
    public static void Remove(WaitEntry* e)
    {
        WaitQueue* q = e->Queue;
        if (q == null) return;
        ulong flags = q->_lock.AcquireIrqSave();
        if (e->Previous != null) e->Previous->Next = e->Next;
        else q->_first = e->Next;
        if (e->Next != null) e->Next->Previous = e->Previous;
        else q->_last = e->Previous;
        e->Queue = null;
        q->_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Wakes every waiter; they remove themselves.</summary>
    public static void WakeAll(WaitQueue* q)
    {
        if (q->_first == null) return;
        ulong flags = q->_lock.AcquireIrqSave();
        for (WaitEntry* e = q->_first; e != null; e = e->Next)
        {
            e->Woken = true;
            if (e->Callback != null) e->Callback(e);
            else Scheduler.Wake(e->Task);
        }
        q->_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Whether anybody waits.</summary>
    public static bool Any(WaitQueue* q) => q->_first != null;
}
