using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// Waiting for several words at once (futex_waitv, since 5.16). The words' places stand in lists of their own; a wake takes places and
/// tasks in the order in which they began to wait. They are woken where they wait, not requeued.
/// </summary>
public static unsafe partial class Futex
{
    private const int MaxWords = 128;
    private const uint Size32 = 2;

    /// <summary>One word of a call.</summary>
    private struct Place
    {
        internal Place* Next;
        internal FutexKey Key;
        internal Task* Task;
        internal ulong Sequence;
        internal ulong Address;
        internal uint Value;
        internal bool Shared, Queued, Woken;
    }

    private static Heads s_places;
    private static int s_placeCount;
    private static ulong s_sequence;

    private static Place** PlaceHead(ulong address) => (Place**)Text.Address(ref s_places) + (int)((address >> 2 ^ address >> 12) % Buckets);

    /// <summary>futex_waitv(waiters, count, flags, timeout, clock): the number of a word that was woken, or -errno. The timeout is absolute.</summary>
    public static long WaitVector(TrapFrame* f)
    {
        uint count = (uint)f->Rsi;
        if (TimeNamespaces.Semantics < OsSemantics.Linux61190) return -Errno.ENOSYS;
        if ((uint)f->Rdx != 0 || count == 0 || count > MaxWords || f->Rdi == 0) return -Errno.EINVAL;
        long deadline = long.MaxValue;
        int clock = ClockId.Monotonic;
        if (f->R10 != 0)
        {
            clock = (int)f->R8;
            if (clock is not (ClockId.Realtime or ClockId.Monotonic)) return -Errno.EINVAL;
            deadline = Time.FutexDeadline(clock, true, clock == ClockId.Realtime, f->R10, out int error);
            if (error != 0) return error;
        }
        Place* places = (Place*)Heap.Allocate(count * (ulong)sizeof(Place));
        if (places == null) return -Errno.ENOMEM;
        long r = ReadPlaces(f->Rdi, places, count);
        while (r == 0)
        {
            r = QueuePlaces(places, count);
            if (r != 0) break;
            Task* self = Cpu.CurrentTask;
            int slept = SignalDelivery.Pending(self) ? 0 : Time.SleepUntil(clock, deadline);
            self->State = TaskState.Running;
            r = UnqueuePlaces(places, count);
            if (r != 0) break;
            if (slept == -Errno.ETIMEDOUT) r = slept;
            else if (SignalDelivery.Pending(self)) r = -Errno.ERESTARTSYS;
        }
        Heap.Free(places);
        return r > 0 ? r - 1 : r;
    }

    private static long ReadPlaces(ulong user, Place* places, uint count)
    {
        ulong* w = stackalloc ulong[3]; // struct futex_waitv: val, uaddr, flags and reserved
        for (uint i = 0; i < count; i++)
        {
            if (UserMemory.CopyFrom(w, user + i * 24, 24) != 0) return -Errno.EFAULT;
            uint flags = (uint)w[2];
            if ((flags & ~(Size32 | Private)) != 0 || w[2] >> 32 != 0 || (flags & Size32) == 0) return -Errno.EINVAL;
            places[i].Value = (uint)w[0];
            places[i].Address = w[1];
            places[i].Shared = (flags & Private) == 0;
            places[i].Task = Cpu.CurrentTask;
        }
        for (uint i = 0; i < count; i++)
        {
            long r = FutexKey.Find(places[i].Address, places[i].Shared, &places[i].Key);
            if (r != 0) return r;
        }
        return 0;
    }

    /// <summary>Queues at every word while all have their values; the task is then about to sleep.</summary>
    /// <returns>0, 1 + the number of a word woken meanwhile, -EAGAIN or -EFAULT.</returns>
    private static long QueuePlaces(Place* places, uint count)
    {
        long r = 0;
        s_lock.Acquire();
        for (uint i = 0; i < count && r == 0; i++)
        {
            r = UserMemory.Read32(places[i].Address, out uint now);
            if (r == 0 && now != places[i].Value) r = -Errno.EAGAIN;
            if (r != 0) break;
            Place** link = PlaceHead(places[i].Key.Address);
            while (*link != null) link = &(*link)->Next;
            places[i].Next = null;
            places[i].Sequence = ++s_sequence;
            places[i].Queued = true;
            places[i].Woken = false;
            *link = &places[i];
            s_placeCount++;
        }
        if (r == 0) Cpu.CurrentTask->State = TaskState.Interruptible;
        else UnqueuePlacesLocked(places, count);
        s_lock.Release();
        return r;
    }

    private static long UnqueuePlaces(Place* places, uint count)
    {
        s_lock.Acquire();
        long r = UnqueuePlacesLocked(places, count);
        s_lock.Release();
        return r;
    }

    /// <summary>Leaves every queue. 1 + the number of the last word that was woken, or 0.</summary>
    private static long UnqueuePlacesLocked(Place* places, uint count)
    {
        long woken = 0;
        for (uint i = 0; i < count; i++)
        {
            if (places[i].Woken) woken = i + 1;
            if (!places[i].Queued) continue;
            Place** link = PlaceHead(places[i].Key.Address);
            while (*link != &places[i]) link = &(*link)->Next;
            *link = places[i].Next;
            places[i].Queued = false;
            s_placeCount--;
        }
        return woken;
    }

    /// <summary>Wakes up to <paramref name="count"/> places at a word that began to wait before <paramref name="before"/>; the lock is held.</summary>
    private static int WakePlacesLocked(FutexKey key, int count, ulong before)
    {
        int n = 0;
        for (Place** link = PlaceHead(key.Address); *link != null && n < count;)
        {
            Place* p = *link;
            if (!p->Key.Equals(key) || p->Sequence > before)
            {
                link = &p->Next;
                continue;
            }
            *link = p->Next;
            p->Queued = false;
            p->Woken = true;
            s_placeCount--;
            Scheduler.Wake(p->Task);
            n++;
        }
        return n;
    }
}
