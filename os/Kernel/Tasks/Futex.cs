using CoSim.Guest;

namespace CoSim.Os;

/// <summary>A task's place in the futex table while it waits.</summary>
public unsafe struct FutexWaiter
{
    public Task* Next;
    public ulong Key;               // physical address for shared words, virtual address otherwise
    public AddressSpace* Mm;        // null for shared words
    public uint Bitset;
    public bool Queued;
}

/// <summary>Wait and wake on user words (futex(2)): WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET.</summary>
public static unsafe class Futex
{
    private const int Buckets = 64;
    private const int Private = 128, ClockRealtime = 256;
    private const int OpWait = 0, OpWake = 1, OpRequeue = 3, OpCmpRequeue = 4, OpWakeOp = 5, OpWaitBitset = 9, OpWakeBitset = 10;

    [System.Runtime.CompilerServices.InlineArray(Buckets)]
    private struct Heads { private ulong _first; }

    private static Heads s_heads;
    private static SpinLock s_lock;

    private static Task** Head(ulong key) => (Task**)Text.Address(ref s_heads) + (int)((key >> 2 ^ key >> 12) % Buckets);

    /// <summary>futex(uaddr, op, val, timeout or val2, uaddr2, val3).</summary>
    public static long Call(TrapFrame* f)
    {
        int op = (int)f->Rsi;
        bool shared = (op & Private) == 0;
        uint value = (uint)f->Rdx;
        switch (op & 0x7F)
        {
            case OpWait:
            case OpWaitBitset:
                uint bitset = (op & 0x7F) == OpWait ? uint.MaxValue : (uint)f->R9;
                return WaitFromUser(f->Rdi, shared, value, bitset, f->R10, (op & 0x7F) == OpWaitBitset, (op & ClockRealtime) != 0);
            case OpWake: return Wake(f->Rdi, shared, (int)value, uint.MaxValue);
            case OpWakeBitset: return (uint)f->R9 == 0 ? -Errno.EINVAL : Wake(f->Rdi, shared, (int)value, (uint)f->R9);
            case OpRequeue: return Requeue(f->Rdi, f->R8, shared, (int)value, (int)f->R10, false, 0);
            case OpCmpRequeue: return Requeue(f->Rdi, f->R8, shared, (int)value, (int)f->R10, true, (uint)f->R9);
            case OpWakeOp: return WakeOperation(f->Rdi, f->R8, shared, (int)value, (int)f->R10, (uint)f->R9);
            default: return -Errno.ENOSYS;
        }
    }

    private static long WaitFromUser(ulong address, bool shared, uint value, uint bitset, ulong timeout, bool absolute, bool realtime)
    {
        if (bitset == 0) return -Errno.EINVAL;
        long deadline = long.MaxValue;
        int clock = realtime ? ClockId.Realtime : ClockId.Monotonic;
        if (timeout != 0)
        {
            deadline = Time.DeadlineFromUser(clock, absolute, timeout, out int error);
            if (error != 0) return error;
        }
        long r = Wait(address, shared, value, bitset, clock, deadline);
        if (r != -Errno.ERESTARTSYS || timeout == 0) return r;
        // A relative wait must not start over with its full time: it continues towards the same end.
        if (absolute) return -Errno.ERESTARTNOHAND;
        RestartBlock* b = &Cpu.CurrentTask->Restart;
        b->Function = &Restart;
        b->A = address;
        b->B = value | (shared ? 1UL << 32 : 0);
        b->C = bitset;
        b->D = (ulong)deadline;
        return -Errno.ERESTART_RESTARTBLOCK;
    }

    private static long Restart(RestartBlock* b)
    {
        long r = Wait(b->A, (b->B >> 32) != 0, (uint)b->B, (uint)b->C, ClockId.Monotonic, (long)b->D);
        return r == -Errno.ERESTARTSYS ? -Errno.ERESTART_RESTARTBLOCK : r;
    }

    /// <summary>Sleeps while the word equals <paramref name="value"/>. 0 woken, -EAGAIN, -ETIMEDOUT, -ERESTARTSYS, -EFAULT, -EINVAL.</summary>
    public static long Wait(ulong address, bool shared, uint value, uint bitset, int clock, long deadline)
    {
        long k = Key(address, shared, out ulong key, out AddressSpace* mm);
        if (k != 0) return k;
        Task* self = Cpu.CurrentTask;
        self->Futex.Key = key;
        self->Futex.Mm = mm;
        self->Futex.Bitset = bitset;
        // Queue first, look second: a waker that changes the word after the look finds the waiter.
        s_lock.Acquire();
        Enqueue(self);
        s_lock.Release();
        self->State = TaskState.Interruptible;
        int r = UserMemory.Read32(address, out uint now);
        if (r != 0 || now != value)
        {
            self->State = TaskState.Running;
            return Dequeue(self) ? r != 0 ? r : -Errno.EAGAIN : 0;
        }
        int slept = SignalDelivery.Pending(self) ? 0 : Time.SleepUntil(clock, deadline);
        self->State = TaskState.Running;
        if (!Dequeue(self)) return 0;
        if (slept == -Errno.ETIMEDOUT) return slept;
        return SignalDelivery.Pending(self) ? -Errno.ERESTARTSYS : 0;
    }

    /// <summary>Wakes up to <paramref name="count"/> waiters (at least one, as Linux does). Returns how many.</summary>
    public static long Wake(ulong address, bool shared, int count, uint bitset)
    {
        long k = Key(address, shared, out ulong key, out AddressSpace* mm);
        if (k != 0) return k;
        s_lock.Acquire();
        int n = WakeLocked(key, mm, count, bitset);
        s_lock.Release();
        return n;
    }

    private static int WakeLocked(ulong key, AddressSpace* mm, int count, uint bitset)
    {
        int n = 0;
        for (Task** link = Head(key); *link != null && n < (count < 1 ? 1 : count);)
        {
            Task* t = *link;
            if (t->Futex.Key != key || t->Futex.Mm != mm || (t->Futex.Bitset & bitset) == 0) { link = &t->Futex.Next; continue; }
            *link = t->Futex.Next;
            t->Futex.Queued = false;
            Scheduler.Wake(t);
            n++;
        }
        return n;
    }

    private static long Requeue(ulong from, ulong to, bool shared, int wake, int move, bool compare, uint expected)
    {
        if (wake < 0 || move < 0) return -Errno.EINVAL;
        long k = Key(from, shared, out ulong key1, out AddressSpace* mm1);
        if (k == 0) k = Key(to, shared, out _, out _);
        if (k != 0) return k;
        Key(to, shared, out ulong key2, out AddressSpace* mm2);
        if (compare)
        {
            int r = UserMemory.Read32(from, out uint now);
            if (r != 0) return r;
            if (now != expected) return -Errno.EAGAIN;
        }
        s_lock.Acquire();
        int n = wake > 0 ? WakeLocked(key1, mm1, wake, uint.MaxValue) : 0;
        Task* moved = null;
        for (Task** link = Head(key1); *link != null && move > 0;)
        {
            Task* t = *link;
            if (t->Futex.Key != key1 || t->Futex.Mm != mm1) { link = &t->Futex.Next; continue; }
            *link = t->Futex.Next;
            t->Futex.Next = moved;
            moved = t;
            move--;
            n++;
        }
        while (moved != null)
        {
            Task* t = moved;
            moved = t->Futex.Next;
            t->Futex.Key = key2;
            t->Futex.Mm = mm2;
            Enqueue(t);
        }
        s_lock.Release();
        return n;
    }

    private static long WakeOperation(ulong first, ulong second, bool shared, int wake, int wake2, uint operation)
    {
        int op = (int)(operation >> 28), compare = (int)(operation >> 24 & 15);
        uint operand = operation >> 12 & 0xFFF, limit = operation & 0xFFF;
        if ((op & 8) != 0) operand = 1u << (int)(operand & 31);
        uint old;
        for (; ; )
        {
            int r = UserMemory.Read32(second, out old);
            if (r != 0) return r;
            uint value = (op & 7) switch { 0 => operand, 1 => old + operand, 2 => old | operand, 3 => old & ~operand, 4 => old ^ operand, _ => old };
            if ((op & 7) > 4) return -Errno.ENOSYS;
            r = UserMemory.CompareExchange32(second, old, value, out uint found);
            if (r != 0) return r;
            if (found == old) break;
        }
        bool also = compare switch
        {
            0 => old == limit,
            1 => old != limit,
            2 => (int)old < (int)limit,
            3 => (int)old <= (int)limit,
            4 => (int)old > (int)limit,
            _ => (int)old >= (int)limit,
        };
        long n = Wake(first, shared, wake, uint.MaxValue);
        return n < 0 || !also ? n : n + Wake(second, shared, wake2, uint.MaxValue);
    }

    /// <summary>Private words are known by address space and address; shared ones by the page that holds them.</summary>
    private static long Key(ulong address, bool shared, out ulong key, out AddressSpace* mm)
    {
        key = address;
        mm = Cpu.CurrentTask->Mm;
        if ((address & 3) != 0) return -Errno.EINVAL;
        int r = UserMemory.Read32(address, out _);
        if (r != 0 || !shared) return r;
        mm->Lock.Acquire();
        Vma* v = AddressSpace.Find(mm, address);
        if (v != null && v->Shared)
        {
            ulong* e = PageTable.Entry(mm->Root, address, false);
            if (e != null)
            {
                key = (*e & Pte.AddressMask) + (address & 4095);
                mm->Lock.Release();
                mm = null;
                return 0;
            }
        }
        mm->Lock.Release();
        return 0;
    }

    private static void Enqueue(Task* t)
    {
        Task** link = Head(t->Futex.Key);
        while (*link != null) link = &(*link)->Futex.Next;
        t->Futex.Next = null;
        *link = t;
        t->Futex.Queued = true;
    }

    /// <summary>Takes a waiter out. False if a waker did so already.</summary>
    private static bool Dequeue(Task* t)
    {
        s_lock.Acquire();
        bool queued = t->Futex.Queued;
        for (Task** link = Head(t->Futex.Key); queued && *link != null; link = &(*link)->Futex.Next)
        {
            if (*link != t) continue;
            *link = t->Futex.Next;
            break;
        }
        t->Futex.Queued = false;
        s_lock.Release();
        return queued;
    }
}
