namespace CoSim.Os.Timekeeping;

/// <summary>
/// A timer of nanosecond resolution. Lives inside its owner's object; not moved while queued. Expiry is a time of the
/// clock of its base, so that a step of the wall clock moves the timers that count in wall time and no others.
/// </summary>
internal unsafe struct Hrtimer
{
    internal long Expires;

    /// <summary>Called at expiry with interrupts off and no lock held. True: run again at the (advanced) Expires.</summary>
    internal delegate*<Hrtimer*, bool> Function;
    internal void* Context;

    /// <summary>CPU whose queue holds or last held it.</summary>
    internal HrtimerCpu* Owner;

    /// <summary>One of <see cref="HrtimerBase"/>.</summary>
    internal byte Base;
    internal bool Queued;

    /// <summary>It wakes a suspended machine: a timer of CLOCK_REALTIME_ALARM or CLOCK_BOOTTIME_ALARM.</summary>
    internal bool Wakes;

    /// <summary>
    /// The expiry asked for was negative, because it had overflowed. Linux queues such a timer for the last second that there is, and
    /// runs it as soon as it stands first in a queue that is looked at.
    /// </summary>
    internal bool Overflowed;

    // Pairing heap: first child, next sibling, and previous sibling or parent.
    internal Hrtimer* Child, Next, Previous;

    /// <summary>Order of insertion, so that timers that expire together run first come, first served.</summary>
    internal ulong Sequence;

    /// <summary>Sets the expiry of a timer that is not queued.</summary>
    internal static void SetExpires(Hrtimer* timer, long expires)
    {
        timer->Overflowed = expires < 0;
        timer->Expires = Ktime.Saturated(expires);
    }

    /// <summary>Moves Expires on by whole intervals until it is after <paramref name="now"/>.</summary>
    /// <returns>How many intervals: 0 when it had not expired.</returns>
    internal static ulong Forward(Hrtimer* timer, long now, long interval)
    {
        long late = now - timer->Expires;
        if (late < 0) return 0;
        ulong overruns = (ulong)(late / interval) + 1;
        timer->Expires = Ktime.AddSafe(timer->Expires, (long)overruns * interval);
        return overruns;
    }
}

/// <summary>Clock bases of hrtimers, in the order that a tie between them is resolved.</summary>
internal static class HrtimerBase
{
    internal const byte Monotonic = 0;
    internal const byte Realtime = 1;
    internal const byte Boottime = 2;
    internal const byte Tai = 3;
    internal const int Count = 4;

    /// <summary>The base that a clock's timers are queued on.</summary>
    internal static byte OfClock(int clock) => clock switch
    {
        ClockId.Realtime or ClockId.RealtimeAlarm => Realtime,
        ClockId.Boottime or ClockId.BoottimeAlarm => Boottime,
        ClockId.Tai => Tai,
        _ => Monotonic,
    };
}

/// <summary>
/// Timers of one base of one CPU, as a pairing heap: constant time to add and to look at the first, logarithmic
/// (amortised) to remove any. The heap needs no memory but the links in the timers.
/// </summary>
internal unsafe struct HrtimerQueue
{
    /// <summary>The timer that expires first, or null.</summary>
    internal Hrtimer* First;

    /// <summary>What to add to CLOCK_MONOTONIC for this base's clock.</summary>
    internal long Offset;

    internal static void Add(HrtimerQueue* queue, Hrtimer* timer)
    {
        timer->Child = null;
        timer->Next = null;
        timer->Previous = null;
        timer->Queued = true;
        queue->First = Merge(queue->First, timer);
    }

    internal static void Remove(HrtimerQueue* queue, Hrtimer* timer)
    {
        timer->Queued = false;
        if (timer == queue->First)
        {
            queue->First = MergeChildren(timer);
            return;
        }
        if (timer->Previous->Child == timer) timer->Previous->Child = timer->Next;
        else timer->Previous->Next = timer->Next;
        if (timer->Next != null) timer->Next->Previous = timer->Previous;
        queue->First = Merge(queue->First, MergeChildren(timer));
    }

    /// <summary>Copies the timers that expire first, in order.</summary>
    /// <param name="queue">Not changed; the caller holds its lock.</param>
    /// <param name="to">Room for the copies.</param>
    /// <param name="capacity">How many fit.</param>
    /// <returns>How many there are, at most <paramref name="capacity"/>.</returns>
    internal static int Collect(HrtimerQueue* queue, HrtimerSnapshot* to, int capacity)
    {
        int count = 0;
        Hrtimer* at = queue->First;
        while (at != null)
        {
            count = HrtimerSnapshot.Insert(to, count, capacity, at);
            if (at->Child != null)
            {
                at = at->Child;
                continue;
            }
            // Back up to the nearest timer with a sibling: a first child's Previous is its parent.
            while (at != null && at->Next == null) at = Parent(at);
            if (at != null) at = at->Next;
        }
        return count;
    }

    /// <summary>Expiry of the first timer that wakes a suspended machine, or KTIME_MAX. The caller holds the queue's lock.</summary>
    internal static long FirstWaking(HrtimerQueue* queue)
    {
        long first = TimeUnits.KtimeMax;
        Hrtimer* at = queue->First;
        while (at != null)
        {
            if (at->Wakes && at->Expires < first) first = at->Expires;
            if (at->Child != null)
            {
                at = at->Child;
                continue;
            }
            while (at != null && at->Next == null) at = Parent(at);
            if (at != null) at = at->Next;
        }
        return first;
    }

    private static Hrtimer* Parent(Hrtimer* timer)
    {
        while (timer->Previous != null && timer->Previous->Child != timer) timer = timer->Previous;
        return timer->Previous;
    }

    private static bool Before(Hrtimer* a, Hrtimer* b) => a->Expires < b->Expires || (a->Expires == b->Expires && a->Sequence < b->Sequence);

    private static Hrtimer* Merge(Hrtimer* a, Hrtimer* b)
    {
        if (a == null) return b;
        if (b == null) return a;
        if (Before(b, a))
        {
            Hrtimer* t = a;
            a = b;
            b = t;
        }
        b->Previous = a;
        b->Next = a->Child;
        if (b->Next != null) b->Next->Previous = b;
        a->Child = b;
        a->Next = null;
        a->Previous = null;
        return a;
    }

    /// <summary>The two passes of a pairing heap: merge children in pairs from the left, then the pairs from the right.</summary>
    private static Hrtimer* MergeChildren(Hrtimer* parent)
    {
        Hrtimer* child = parent->Child;
        parent->Child = null;
        Hrtimer* pairs = null;
        while (child != null)
        {
            Hrtimer* second = child->Next;
            Hrtimer* rest = second != null ? second->Next : null;
            child->Next = null;
            if (second != null) second->Next = null;
            Hrtimer* merged = Merge(child, second);
            merged->Next = pairs;
            pairs = merged;
            child = rest;
        }
        Hrtimer* result = null;
        while (pairs != null)
        {
            Hrtimer* next = pairs->Next;
            pairs->Next = null;
            result = Merge(result, pairs);
            pairs = next;
        }
        if (result != null) result->Previous = null;
        return result;
    }
}
