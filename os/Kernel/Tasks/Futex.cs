using CoSim.Guest;

namespace CoSim.Os;

/// <summary>What a task waits for in the futex table.</summary>
public enum FutexWait
{
    /// <summary>A word: FUTEX_WAIT and FUTEX_WAIT_BITSET.</summary>
    Word,

    /// <summary>A word, to be moved to a lock: FUTEX_WAIT_REQUEUE_PI.</summary>
    Requeue,

    /// <summary>A lock: FUTEX_LOCK_PI, or after having been moved there.</summary>
    Lock,
}

/// <summary>A task's place in the futex table while it waits.</summary>
public unsafe struct FutexWaiter
{
    public Task* Next;
    public FutexKey Key;
    public uint Bitset;
    public ulong Sequence;
    public bool Queued;
    public FutexWait Kind;

    /// <summary>Kind Requeue: the only lock it may be moved to.</summary>
    public FutexKey Target;

    /// <summary>Kind Lock: thread id of the lock's owner; and the lock has been given to the waiter.</summary>
    public int Owner;
    public bool Granted;
}

/// <summary>
/// Wait and wake on user words (futex(2)). This part: dispatch, WAIT, WAKE, WAKE_OP and their BITSET forms. One lock covers the table;
/// user words are read and written under it, which is possible because no fault sleeps.
/// </summary>
public static unsafe partial class Futex
{
    private const int Buckets = 64;
    private const int Private = 128, ClockRealtime = 256;
    private const int OpWait = 0, OpWake = 1, OpRequeue = 3, OpCmpRequeue = 4, OpWakeOp = 5, OpLockPi = 6, OpUnlockPi = 7, OpTrylockPi = 8, OpWaitBitset = 9, OpWakeBitset = 10;
    private const int OpWaitRequeuePi = 11, OpCmpRequeuePi = 12, OpLockPi2 = 13;

    [System.Runtime.CompilerServices.InlineArray(Buckets)]
    private struct Heads { private ulong _first; }

    private static Heads s_heads;
    private static SpinLock s_lock;

    private static Task** Head(ulong address) => (Task**)Text.Address(ref s_heads) + (int)((address >> 2 ^ address >> 12) % Buckets);

    /// <summary>futex(uaddr, op, val, timeout or val2, uaddr2, val3).</summary>
    public static long Call(TrapFrame* f)
    {
        int op = (int)f->Rsi, command = op & ~(Private | ClockRealtime);
        bool shared = (op & Private) == 0, realtime = (op & ClockRealtime) != 0;
        uint value = (uint)f->Rdx;
        // The timeout is looked at before anything else.
        int clock = realtime || command == OpLockPi ? ClockId.Realtime : ClockId.Monotonic;
        long deadline = long.MaxValue;
        if (f->R10 != 0 && command is OpWait or OpWaitBitset or OpLockPi or OpLockPi2 or OpWaitRequeuePi)
        {
            deadline = Time.FutexDeadline(clock, command != OpWait, realtime, f->R10, out int error);
            if (error != 0) return error;
        }
        if (realtime && command is not (OpWaitBitset or OpWaitRequeuePi or OpLockPi2)) return -Errno.ENOSYS;
        switch (command)
        {
            case OpWait: return WaitRestartable(f->Rdi, shared, value, uint.MaxValue, clock, deadline);
            case OpWaitBitset: return WaitRestartable(f->Rdi, shared, value, (uint)f->R9, clock, deadline);
            case OpWake: return Wake(f->Rdi, shared, (int)value, uint.MaxValue);
            case OpWakeBitset: return (uint)f->R9 == 0 ? -Errno.EINVAL : Wake(f->Rdi, shared, (int)value, (uint)f->R9);
            case OpRequeue: return Requeue(f->Rdi, f->R8, shared, (int)value, (int)f->R10, false, 0);
            case OpCmpRequeue: return Requeue(f->Rdi, f->R8, shared, (int)value, (int)f->R10, true, (uint)f->R9);
            case OpWakeOp: return WakeOperation(f->Rdi, f->R8, shared, (int)value, (int)f->R10, (uint)f->R9);
            case OpLockPi or OpLockPi2: return Lock(f->Rdi, shared, clock, deadline, false);
            case OpTrylockPi: return Lock(f->Rdi, shared, clock, deadline, true);
            case OpUnlockPi: return Unlock(f->Rdi, shared);
            case OpWaitRequeuePi: return WaitRequeue(f->Rdi, shared, value, clock, deadline, f->R8);
            case OpCmpRequeuePi: return RequeueToLock(f->Rdi, f->R8, shared, (int)value, (int)f->R10, (uint)f->R9);
            default: return -Errno.ENOSYS;
        }
    }

    /// <summary>A wait with a timeout that a signal interrupts goes on towards the same end.</summary>
    private static long WaitRestartable(ulong address, bool shared, uint value, uint bitset, int clock, long deadline)
    {
        if (bitset == 0) return -Errno.EINVAL;
        long r = Wait(address, shared, value, bitset, clock, deadline);
        if (r != -Errno.ERESTARTSYS || deadline == long.MaxValue) return r;
        RestartBlock* b = &Cpu.CurrentTask->Restart;
        b->Function = &Restart;
        b->A = address;
        b->B = value | (shared ? 1UL << 32 : 0) | (ulong)clock << 33;
        b->C = bitset;
        b->D = (ulong)deadline;
        return -Errno.ERESTART_RESTARTBLOCK;
    }

    /// <summary>What a wait's restart block runs: B has the clock in bits 63:33, D is the host deadline.</summary>
    internal static delegate*<RestartBlock*, long> Resume => &Restart;

    private static long Restart(RestartBlock* b)
    {
        long r = Wait(b->A, (b->B >> 32 & 1) != 0, (uint)b->B, (uint)b->C, (int)(b->B >> 33), (long)b->D);
        return r == -Errno.ERESTARTSYS ? -Errno.ERESTART_RESTARTBLOCK : r;
    }

    /// <summary>Sleeps while the word equals <paramref name="value"/>. 0 woken, -EAGAIN, -ETIMEDOUT, -ERESTARTSYS, -EFAULT, -EINVAL.</summary>
    public static long Wait(ulong address, bool shared, uint value, uint bitset, int clock, long deadline)
    {
        FutexKey key;
        long r = FutexKey.Find(address, shared, &key);
        if (r != 0) return r;
        Task* self = Cpu.CurrentTask;
        s_lock.Acquire();
        r = UserMemory.Read32(address, out uint now);
        if (r == 0 && now != value) r = -Errno.EAGAIN;
        if (r != 0)
        {
            s_lock.Release();
            return r;
        }
        self->Futex.Bitset = bitset;
        Enqueue(self, key, FutexWait.Word);
        self->State = TaskState.Interruptible;
        s_lock.Release();
        int slept = SignalDelivery.Pending(self) ? 0 : Time.SleepUntil(clock, deadline);
        self->State = TaskState.Running;
        if (!Dequeue(self)) return 0;
        if (slept == -Errno.ETIMEDOUT) return slept;
        return SignalDelivery.Pending(self) ? -Errno.ERESTARTSYS : 0;
    }

    /// <summary>Wakes up to <paramref name="count"/> waiters (at least one, as Linux does). Returns how many, or -EINVAL at a lock.</summary>
    public static long Wake(ulong address, bool shared, int count, uint bitset)
    {
        FutexKey key;
        long r = FutexKey.Find(address, shared, &key);
        if (r != 0) return r;
        s_lock.Acquire();
        r = WakeLocked(key, count < 1 ? 1 : count, bitset);
        s_lock.Release();
        return r;
    }

    private static long WakeLocked(FutexKey key, int count, uint bitset)
    {
        int n = 0;
        for (Task** link = Head(key.Address); *link != null && n < count;)
        {
            Task* t = *link;
            if (!t->Futex.Key.Equals(key))
            {
                link = &t->Futex.Next;
                continue;
            }
            // Locks and what waits to be moved to one are not for this operation.
            if (t->Futex.Kind != FutexWait.Word) return -Errno.EINVAL;
            if ((t->Futex.Bitset & bitset) == 0)
            {
                link = &t->Futex.Next;
                continue;
            }
            if (s_placeCount != 0 && (n += WakePlacesLocked(key, count - n, t->Futex.Sequence)) == count) return n;
            *link = t->Futex.Next;
            t->Futex.Queued = false;
            Scheduler.Wake(t);
            n++;
        }
        if (s_placeCount != 0) n += WakePlacesLocked(key, count - n, ulong.MaxValue);
        return n;
    }

    private static long WakeOperation(ulong first, ulong second, bool shared, int wake, int wake2, uint operation)
    {
        int op = (int)(operation >> 28), compare = (int)(operation >> 24 & 15);
        uint operand = (uint)((int)(operation << 8) >> 20), limit = (uint)((int)(operation << 20) >> 20);
        if ((op & 8) != 0) operand = 1u << (int)(operand & 31);
        FutexKey key1, key2;
        long bad = Keys(first, second, shared, &key1, &key2);
        if (bad != 0) return bad;
        if ((op & 7) > 4) return -Errno.ENOSYS;
        uint old;
        for (; ; )
        {
            int r = UserMemory.Read32(second, out old);
            if (r != 0) return r;
            uint value = (op & 7) switch { 0 => operand, 1 => old + operand, 2 => old | operand, 3 => old & ~operand, 4 => old ^ operand, _ => old };
            r = UserMemory.CompareExchange32(second, old, value, out uint found);
            if (r != 0) return r;
            if (found == old) break;
        }
        // Only what has been changed is compared.
        if (compare > 5) return -Errno.ENOSYS;
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

    private static void Enqueue(Task* t, FutexKey key, FutexWait kind)
    {
        Task** link = Head(key.Address);
        while (*link != null) link = &(*link)->Futex.Next;
        t->Futex.Key = key;
        t->Futex.Kind = kind;
        t->Futex.Next = null;
        t->Futex.Sequence = ++s_sequence;
        t->Futex.Queued = true;
        t->Futex.Granted = false;
        *link = t;
    }

    /// <summary>Takes a waiter out. False if a waker did so already.</summary>
    private static bool Dequeue(Task* t)
    {
        s_lock.Acquire();
        bool queued = t->Futex.Queued;
        if (queued) DequeueLocked(t);
        s_lock.Release();
        return queued;
    }

    private static void DequeueLocked(Task* t)
    {
        for (Task** link = Head(t->Futex.Key.Address); *link != null; link = &(*link)->Futex.Next)
        {
            if (*link != t) continue;
            *link = t->Futex.Next;
            break;
        }
        t->Futex.Queued = false;
    }

    /// <summary>The waiter that has waited longest at a word, or null.</summary>
    private static Task* First(FutexKey key)
    {
        Task* t = *Head(key.Address);
        while (t != null && !t->Futex.Key.Equals(key)) t = t->Futex.Next;
        return t;
    }
}
