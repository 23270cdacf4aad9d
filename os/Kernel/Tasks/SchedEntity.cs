namespace CoSim.Os;

/// <summary>A task's place in the scheduler.</summary>
public unsafe struct SchedEntity
{
    public Task* Next;              // run queue, by VRuntime
    public bool Queued;
    public bool OnCpu;
    public int Cpu;                 // where it runs, waits to run, or ran last

    /// <summary>CPU time weighted by niceness, nanoseconds; the queue is served lowest first.</summary>
    public ulong VRuntime;

    /// <summary>SchedClock when the current stretch was last accounted.</summary>
    public ulong AccountedAt;

    /// <summary>SchedClock when the task was last given the CPU.</summary>
    public ulong StintStart;

    /// <summary>CPU time used, nanoseconds.</summary>
    public ulong RuntimeNs;
    public ulong AllowedCpus;       // bit per CPU
    public int Nice;                // -20..19

    /// <summary>Niceness lent by those that wait for a lock the task holds; <see cref="NothingLent"/>.</summary>
    public int LentNice;

    /// <summary>Worse than any niceness.</summary>
    public const int NothingLent = 20;
    public int Policy;              // SCHED_*: stored for sched_getscheduler; all run fair
    public ulong VoluntarySwitches, InvoluntarySwitches;
}

/// <summary>Tasks that wait for one CPU, in order of virtual run time. The running task is not in it.</summary>
public unsafe struct RunQueue
{
    public Task* First;
    public Task* Idle;
    public int Count;

    /// <summary>Never decreases; newcomers start here, so that a long sleeper cannot monopolise the CPU.</summary>
    public ulong MinVRuntime;

    private static Task** Link(ref Task* head)
    {
        // The queue lives in unmanaged memory: its fields do not move.
        fixed (Task** p = &head) return p;
    }

    /// <summary>Queues a task behind those with the same virtual run time.</summary>
    public void Insert(Task* t)
    {
        Task** link = Link(ref First);
        while (*link != null && (*link)->Sched.VRuntime <= t->Sched.VRuntime) link = &(*link)->Sched.Next;
        t->Sched.Next = *link;
        *link = t;
        t->Sched.Queued = true;
        Count++;
    }

    /// <summary>Takes out the first task that may run on <paramref name="cpu"/>; null if there is none.</summary>
    public Task* TakeFirst(int cpu)
    {
        for (Task** link = Link(ref First); *link != null; link = &(*link)->Sched.Next)
        {
            Task* t = *link;
            if ((t->Sched.AllowedCpus >> cpu & 1) == 0) continue;
            *link = t->Sched.Next;
            t->Sched.Queued = false;
            Count--;
            return t;
        }
        return null;
    }

    /// <summary>Takes a task out, if it is there.</summary>
    public void Remove(Task* t)
    {
        for (Task** link = Link(ref First); *link != null; link = &(*link)->Sched.Next)
        {
            if (*link != t) continue;
            *link = t->Sched.Next;
            t->Sched.Queued = false;
            Count--;
            return;
        }
    }
}
