namespace CoSim.Os;

/// <summary>Moving waiters from one word to another: FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAIT_REQUEUE_PI, FUTEX_CMP_REQUEUE_PI.</summary>
public static unsafe partial class Futex
{
    private static long Keys(ulong from, ulong to, bool shared, FutexKey* key1, FutexKey* key2)
    {
        long r = FutexKey.Find(from, shared, key1);
        return r != 0 ? r : FutexKey.Find(to, shared, key2);
    }

    private static long Requeue(ulong from, ulong to, bool shared, int wake, int move, bool compare, uint expected)
    {
        if (wake < 0 || move < 0) return -Errno.EINVAL;
        FutexKey key1, key2;
        long r = Keys(from, to, shared, &key1, &key2);
        if (r != 0) return r;
        s_lock.Acquire();
        if (compare)
        {
            r = UserMemory.Read32(from, out uint now);
            if (r == 0 && now != expected) r = -Errno.EAGAIN;
        }
        if (r == 0 && wake > 0) r = WakeLocked(key1, wake, uint.MaxValue);
        for (int n = 0; r >= 0 && n < move; n++)
        {
            Task* t = key1.Equals(key2) ? null : First(key1);
            if (t == null) break;
            if (t->Futex.Kind != FutexWait.Word)
            {
                r = -Errno.EINVAL;
                break;
            }
            DequeueLocked(t);
            Enqueue(t, key2, FutexWait.Word);
            r++;
        }
        s_lock.Release();
        return r;
    }

    /// <summary>FUTEX_WAIT_REQUEUE_PI: waits at a word until it is moved to a lock and has got it.</summary>
    private static long WaitRequeue(ulong address, bool shared, uint value, int clock, long deadline, ulong lockAddress)
    {
        if (address == lockAddress) return -Errno.EINVAL;
        FutexKey key, target;
        long r = Keys(address, lockAddress, shared, &key, &target);
        if (r != 0) return r;
        Task* self = Cpu.CurrentTask;
        s_lock.Acquire();
        r = UserMemory.Read32(address, out uint now);
        if (r == 0 && now != value) r = -Errno.EAGAIN;
        if (r == 0 && key.Equals(target)) r = -Errno.EINVAL;
        if (r != 0)
        {
            s_lock.Release();
            return r;
        }
        self->Futex.Bitset = uint.MaxValue;
        self->Futex.Target = target;
        Enqueue(self, key, FutexWait.Requeue);
        self->State = TaskState.Interruptible;
        s_lock.Release();
        r = SleepForLock(clock, deadline);
        if (r != -Errno.EINTR) return r;
        // Once moved the call cannot be repeated: the program sees a wakeup without a reason.
        return self->Futex.Kind == FutexWait.Lock ? -Errno.EAGAIN : -Errno.ERESTARTNOINTR;
    }

    /// <summary>FUTEX_CMP_REQUEUE_PI: gives the lock to the first waiter if it is free, and moves others to it.</summary>
    private static long RequeueToLock(ulong from, ulong to, bool shared, int wake, int move, uint expected)
    {
        if (from == to || wake != 1 || move < 0) return -Errno.EINVAL;
        FutexKey key1, key2;
        long r = Keys(from, to, shared, &key1, &key2);
        if (r != 0) return r;
        if (key1.Equals(key2)) return -Errno.EINVAL;
        s_lock.Acquire();
        r = UserMemory.Read32(from, out uint now);
        if (r == 0 && now != expected) r = -Errno.EAGAIN;
        for (long limit = 1L + move; r >= 0 && r < limit; r++)
        {
            Task* t = First(key1);
            if (t == null) break;
            long taken = t->Futex.Kind != FutexWait.Requeue || !t->Futex.Target.Equals(key2) ? -Errno.EINVAL : TakeLocked(to, key2, t, move > 0);
            if (taken < 0)
            {
                r = r == 0 ? taken : r;
                break;
            }
            DequeueLocked(t);
            if (taken > 0)
            {
                t->Futex.Kind = FutexWait.Lock;
                t->Futex.Granted = true;
                Scheduler.Wake(t);
            }
            else QueueForLock(to, key2, t);
        }
        s_lock.Release();
        return r;
    }
}
