namespace CoSim.Os.Timekeeping;

/// <summary>What is shown of a queued timer: a copy, because the timer may go as soon as the queue's lock is free.</summary>
internal unsafe struct HrtimerSnapshot
{
    internal void* Timer;
    internal void* Function;
    internal long Expires;
    internal ulong Sequence;

    /// <summary>Inserts a copy in the order of expiry; beyond <paramref name="capacity"/> the last ones fall off.</summary>
    /// <returns>The new count.</returns>
    internal static int Insert(HrtimerSnapshot* list, int count, int capacity, Hrtimer* timer)
    {
        int at = count;
        while (at > 0 && (list[at - 1].Expires > timer->Expires || (list[at - 1].Expires == timer->Expires && list[at - 1].Sequence > timer->Sequence))) at--;
        if (at >= capacity) return count;
        if (count < capacity) count++;
        for (int i = count - 1; i > at; i--) list[i] = list[i - 1];
        list[at].Timer = timer;
        list[at].Function = timer->Function;
        list[at].Expires = timer->Expires;
        list[at].Sequence = timer->Sequence;
        return count;
    }
}
