namespace CoSim.Os;

/// <summary>
/// Locks whose word holds the owner's thread id: FUTEX_LOCK_PI, LOCK_PI2, TRYLOCK_PI, UNLOCK_PI. The kernel is called only when
/// somebody waits; it hands the lock to the first waiter, and lends the owner the best niceness of those that wait for it.
/// </summary>
public static unsafe partial class Futex
{
    private const uint TidMask = 0x3FFF_FFFF, OwnerDied = 0x4000_0000, Waiters = 0x8000_0000;
    private const int MaxChain = 1024;

    private static long Lock(ulong address, bool shared, int clock, long deadline, bool tryOnly)
    {
        FutexKey key;
        long r = FutexKey.Find(address, shared, &key);
        if (r != 0) return r;
        Task* self = Cpu.CurrentTask;
        s_lock.Acquire();
        r = TakeLocked(address, key, self, false);
        if (r == 0 && tryOnly) r = -Errno.EAGAIN;
        if (r != 0)
        {
            s_lock.Release();
            return r > 0 ? 0 : r;
        }
        r = QueueForLock(address, key, self);
        if (r == 0) self->State = TaskState.Interruptible;
        s_lock.Release();
        if (r != 0) return r;
        r = SleepForLock(clock, deadline);
        return r == -Errno.EINTR ? -Errno.ERESTARTNOINTR : r;
    }

    /// <summary>Tries to write a task's id into a lock's word; marks the word when that must wait.</summary>
    /// <returns>1 taken, 0 it must wait, -EDEADLK it has it, -ESRCH the owner does not exist, -EINVAL the word is used otherwise, -EFAULT.</returns>
    private static long TakeLocked(ulong address, FutexKey key, Task* task, bool markWaiters)
    {
        for (; ; )
        {
            if (UserMemory.Read32(address, out uint old) != 0) return -Errno.EFAULT;
            if ((old & TidMask) == (uint)task->Pid) return -Errno.EDEADLK;
            Task* first = First(key);
            if (first != null && first->Futex.Kind != FutexWait.Lock) return -Errno.EINVAL;
            bool free = (old & TidMask) == 0 && first == null;
            uint value = free ? (old & OwnerDied) | (uint)task->Pid | (markWaiters ? Waiters : 0) : old | Waiters;
            if (UserMemory.CompareExchange32(address, old, value, out uint found) != 0) return -Errno.EFAULT;
            if (found != old) continue;
            if (free) return 1;
            Task* owner = TaskList.Find((int)(old & TidMask));
            if (owner == null) return -Errno.ESRCH;
            long r = (owner->Flags & TaskFlags.KernelThread) != 0 ? -Errno.EPERM : 0;
            TaskList.Put(owner);
            return r;
        }
    }

    /// <summary>Puts a task into a lock's queue. -EDEADLK when its owner waits, directly or through others, for the task.</summary>
    private static long QueueForLock(ulong address, FutexKey key, Task* task)
    {
        if (UserMemory.Read32(address, out uint value) != 0) return -Errno.EFAULT;
        int owner = (int)(value & TidMask);
        for (int at = owner, depth = 0; depth < MaxChain; depth++)
        {
            Task* t = TaskList.Find(at);
            bool waits = t != null && t->Futex.Queued && t->Futex.Kind == FutexWait.Lock;
            if (waits) at = t->Futex.Owner;
            if (t != null) TaskList.Put(t);
            if (!waits) break;
            if (at == task->Pid) return -Errno.EDEADLK;
        }
        Enqueue(task, key, FutexWait.Lock);
        task->Futex.Owner = owner;
        Lend(owner);
        return 0;
    }

    /// <summary>Sleeps until the lock has been given to the running task. 0, -ETIMEDOUT, -EINTR.</summary>
    private static long SleepForLock(int clock, long deadline)
    {
        Task* self = Cpu.CurrentTask;
        long r = 0;
        while (r == 0 && !Granted(self))
        {
            if (SignalDelivery.Pending(self)) r = -Errno.EINTR;
            else if (Time.SleepUntil(clock, deadline) != 0) r = -Errno.ETIMEDOUT;
            else self->State = TaskState.Interruptible;
        }
        self->State = TaskState.Running;
        s_lock.Acquire();
        if (self->Futex.Queued)
        {
            DequeueLocked(self);
            if (self->Futex.Kind == FutexWait.Lock) Lend(self->Futex.Owner);
        }
        else if (self->Futex.Granted) r = 0;
        s_lock.Release();
        return r;
    }

    // Not inlined: other CPUs write it.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static bool Granted(Task* t) => t->Futex.Granted;

    private static long Unlock(ulong address, bool shared)
    {
        Task* self = Cpu.CurrentTask;
        if (UserMemory.Read32(address, out uint seen) != 0) return -Errno.EFAULT;
        if ((seen & TidMask) != (uint)self->Pid) return -Errno.EPERM;
        FutexKey key;
        long r = FutexKey.Find(address, shared, &key);
        if (r != 0) return r;
        s_lock.Acquire();
        for (; ; )
        {
            r = UserMemory.Read32(address, out uint old);
            if (r != 0) break;
            Task* next = First(key);
            if ((old & TidMask) != (uint)self->Pid) r = -Errno.EPERM;
            else if (next != null && next->Futex.Kind != FutexWait.Lock) r = -Errno.EINVAL;
            if (r != 0) break;
            uint value = next == null ? 0 : Waiters | (uint)next->Pid;
            r = UserMemory.CompareExchange32(address, old, value, out uint found);
            if (r != 0) break;
            if (found != old) continue;
            if (next != null) Give(key, next);
            Lend(self->Pid);
            break;
        }
        s_lock.Release();
        return r;
    }

    /// <summary>A waiter has become the owner: the others wait for it.</summary>
    private static void Give(FutexKey key, Task* next)
    {
        DequeueLocked(next);
        next->Futex.Granted = true;
        for (Task* t = *Head(key.Address); t != null; t = t->Futex.Next)
            if (t->Futex.Key.Equals(key)) t->Futex.Owner = next->Pid;
        Lend(next->Pid);
        Scheduler.Wake(next);
    }

    /// <summary>Recomputes the niceness that waiters lend to the owner of what they wait for.</summary>
    private static void Lend(int owner)
    {
        int best = SchedEntity.NothingLent;
        for (int i = 0; i < Buckets; i++)
        {
            for (Task* t = ((Task**)Text.Address(ref s_heads))[i]; t != null; t = t->Futex.Next)
            {
                if (t->Futex.Kind != FutexWait.Lock || t->Futex.Owner != owner) continue;
                best = Bits.Min(best, Bits.Min(t->Sched.Nice, t->Sched.LentNice));
            }
        }
        Task* task = TaskList.Find(owner);
        if (task == null) return;
        task->Sched.LentNice = best;
        TaskList.Put(task);
    }

    /// <summary>A thread ends while others wait for locks it owns: they get them, with FUTEX_OWNER_DIED if its robust list said so.</summary>
    public static void OwnerExits(Task* dying)
    {
        s_lock.Acquire();
        for (int i = 0; i < Buckets; i++)
        {
            Task* t = ((Task**)Text.Address(ref s_heads))[i];
            while (t != null)
            {
                if (t->Futex.Kind != FutexWait.Lock || t->Futex.Owner != dying->Pid)
                {
                    t = t->Futex.Next;
                    continue;
                }
                FutexKey key = t->Futex.Key;
                // A private word of another address space would be a forged id: nobody can get that lock.
                if (key.Mm != null && key.Mm != dying->Mm) t->Futex.Owner = 0;
                else
                {
                    Task* first = First(key);
                    Exchange(key, Waiters | (uint)first->Pid);
                    Give(key, first);
                }
                t = ((Task**)Text.Address(ref s_heads))[i];
            }
        }
        s_lock.Release();
    }

    private static void Exchange(FutexKey key, uint value)
    {
        if (key.Mm == null)
        {
            uint* word = (uint*)DirectMap.Pointer(key.Address);
            *word = (*word & OwnerDied) | value;
            return;
        }
        while (UserMemory.Read32(key.Address, out uint old) == 0)
            if (UserMemory.CompareExchange32(key.Address, old, (old & OwnerDied) | value, out uint found) != 0 || found == old) return;
    }
}
