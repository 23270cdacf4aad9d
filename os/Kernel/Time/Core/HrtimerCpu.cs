namespace CoSim.Os.Timekeeping;

/// <summary>
/// The timers of one CPU on all four bases, and what its event device is programmed for. Functions here only order timers;
/// locking and the device belong to the caller (timekeeping reference, section 6).
/// </summary>
internal unsafe struct HrtimerCpu
{
    internal SpinLock Lock;
    internal HrtimerQueue Monotonic, Realtime, Boottime, Tai;

    /// <summary>The wall clock steps that the offsets know of.</summary>
    internal uint ClockWasSetSeq;
    internal ulong Sequence;

    /// <summary>Monotonic time the event device is set to; KTIME_MAX when it is not.</summary>
    internal long ExpiresNext;

    /// <summary>The timer whose function runs now, so that a canceller on another CPU can wait for it.</summary>
    internal Hrtimer* Running;

    /// <summary>One-shot high-resolution mode is on.</summary>
    internal bool HresActive;

    /// <summary>The interrupt handler is running timers: it will program the device itself when it is done.</summary>
    internal bool InInterrupt;
    internal uint Events, Retries, Hangs;
    internal long MaxHangNsec;

    internal static HrtimerQueue* Queue(HrtimerCpu* cpu, int basis) => &cpu->Monotonic + basis;

    internal static void Enqueue(HrtimerCpu* cpu, Hrtimer* timer)
    {
        timer->Owner = cpu;
        timer->Sequence = cpu->Sequence++;
        HrtimerQueue.Add(Queue(cpu, timer->Base), timer);
    }

    internal static void Dequeue(HrtimerCpu* cpu, Hrtimer* timer) => HrtimerQueue.Remove(Queue(cpu, timer->Base), timer);

    /// <summary>Expiry of a timer in monotonic time; KTIME_MAX stays "never", and the past reads as 0.</summary>
    internal static long MonotonicExpiry(HrtimerCpu* cpu, Hrtimer* timer)
    {
        if (timer->Expires == TimeUnits.KtimeMax) return TimeUnits.KtimeMax;
        long expires = timer->Expires - Queue(cpu, timer->Base)->Offset;
        return expires < 0 ? 0 : expires;
    }

    /// <summary>Monotonic time at which the next timer expires, KTIME_MAX when there is none.</summary>
    internal static long NextExpiry(HrtimerCpu* cpu)
    {
        long next = TimeUnits.KtimeMax;
        for (int i = 0; i < HrtimerBase.Count; i++)
        {
            Hrtimer* first = Queue(cpu, i)->First;
            if (first == null) continue;
            long expires = MonotonicExpiry(cpu, first);
            if (expires < next) next = expires;
        }
        return next;
    }

    /// <summary>A timer that has expired at monotonic time <paramref name="now"/>, the lowest base first; null when none has.</summary>
    internal static Hrtimer* FirstExpired(HrtimerCpu* cpu, long now)
    {
        for (int i = 0; i < HrtimerBase.Count; i++)
        {
            HrtimerQueue* queue = Queue(cpu, i);
            Hrtimer* first = queue->First;
            if (first != null && (first->Expires <= now + queue->Offset || first->Overflowed) && first->Expires != TimeUnits.KtimeMax) return first;
        }
        return null;
    }
}
