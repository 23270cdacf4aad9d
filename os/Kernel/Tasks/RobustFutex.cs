namespace CoSim.Os;

/// <summary>The list of robust futexes that a dying thread holds (set_robust_list(2)): each is marked and a waiter woken.</summary>
public static unsafe class RobustFutex
{
    private const uint OwnerDied = 0x4000_0000, Waiters = 0x8000_0000, TidMask = 0x3FFF_FFFF;
    private const int Limit = 2048;

    /// <summary>Called by the dying thread while its memory is still there.</summary>
    public static void WalkList(Task* t)
    {
        ulong head = t->RobustList;
        t->RobustList = 0;
        if (head == 0 || t->Mm == null) return;
        if (UserMemory.Read64(head, out ulong entry) != 0 || UserMemory.Read64(head + 8, out ulong offset) != 0 || UserMemory.Read64(head + 16, out ulong pending) != 0) return;
        for (int i = 0; entry != head && i < Limit; i++)
        {
            if (UserMemory.Read64(entry & ~1UL, out ulong next) != 0) return;
            if (entry != pending) Release(t, (entry & ~1UL) + offset, (entry & 1) != 0);
            entry = next;
        }
        if (pending != 0) Release(t, (pending & ~1UL) + offset, (pending & 1) != 0);
    }

    private static void Release(Task* t, ulong word, bool inheriting)
    {
        for (; ; )
        {
            if ((word & 3) != 0 || UserMemory.Read32(word, out uint value) != 0) return;
            if ((value & TidMask) != (uint)t->Pid) return;
            if (UserMemory.CompareExchange32(word, value, value & Waiters | OwnerDied, out uint found) != 0) return;
            if (found != value) continue;
            if ((value & Waiters) == 0 || inheriting) return; // the lock goes to a waiter when the owner has gone
            Futex.Wake(word, true, 1, uint.MaxValue);
            return;
        }
    }
}
