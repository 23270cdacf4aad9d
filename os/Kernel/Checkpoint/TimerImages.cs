namespace CoSim.Os.Timekeeping;

/// <summary>Timers of processes in images: expiries are in the processes' time.</summary>
internal static unsafe class TimerImages
{
    internal static void Save(ThreadGroup* g, ImageClock* clock, ImageWriter* w)
    {
        ProcessTimers* timers = (ProcessTimers*)g->TimeData;
        if (timers == null) return;
        w->Begin(ImageRecord.Itimers, 9);
        w->Word((ulong)g->Id);
        w->Word((ulong)timers->NextId);
        w->Word(timers->Real.Interval);
        w->Word(timers->Real.Timer.Queued);
        w->Word(clock->ToProcesses(HrtimerBase.Monotonic, timers->Real.Timer.Expires));
        w->Word(timers->Virtual.Expires);
        w->Word(timers->Virtual.Interval);
        w->Word(timers->Profile.Expires);
        w->Word(timers->Profile.Interval);
        for (PosixTimer* t = timers->First; t != null; t = t->Next)
        {
            w->Begin(ImageRecord.PosixTimer, 17);
            w->Word((ulong)g->Id);
            w->Word((ulong)t->Id);
            w->Word((long)t->Clock);
            w->Word(t->IsCpu);
            w->Word((ulong)t->Notify);
            w->Word((ulong)t->Signal);
            w->Word((ulong)t->ThreadId);
            w->Word(t->Value);
            w->Word(t->Interval);
            w->Word((ulong)t->Timer.Base);
            w->Word(t->Timer.Queued);
            w->Word(clock->ToProcesses(t->Timer.Base, t->Timer.Expires));
            w->Word(clock->ToProcesses(t->Timer.Base, t->Nominal));
            w->Word((ulong)t->Overrun);
            w->Word((ulong)t->LastOverrun);
            w->Word((ulong)t->Generation);
            w->Word(t->CpuExpires);
        }
    }

    /// <summary>Reads the interval timers of a process and starts them.</summary>
    internal static int LoadItimers(ThreadGroup* g, ImageClock* clock, ImageReader* r)
    {
        ProcessTimers* timers = ProcessTimers.Of(g);
        if (timers == null) return -Errno.ENOMEM;
        timers->NextId = r->Int();
        timers->Real.Interval = r->Signed();
        bool queued = r->Flag();
        long expires = clock->ToHost(HrtimerBase.Monotonic, r->Signed());
        timers->Virtual.Expires = r->Word();
        timers->Virtual.Interval = r->Word();
        timers->Profile.Expires = r->Word();
        timers->Profile.Interval = r->Word();
        if (timers->Real.Interval < 0) return -Errno.EINVAL;
        if (queued) Hrtimers.Start(&timers->Real.Timer, expires);
        return 0;
    }

    /// <summary>Reads a timer of a process and starts it.</summary>
    internal static int LoadPosixTimer(ThreadGroup* g, ImageClock* clock, ImageReader* r)
    {
        ProcessTimers* timers = ProcessTimers.Of(g);
        PosixTimer* t = timers == null ? null : Heap.New<PosixTimer>();
        if (t == null) return -Errno.ENOMEM;
        t->Group = g;
        t->Id = r->Int();
        t->Clock = r->Int();
        t->IsCpu = r->Flag();
        t->Notify = r->Int();
        t->Signal = r->Int();
        t->ThreadId = r->Int();
        t->Value = r->Word();
        t->Interval = r->Signed();
        ulong basis = r->Word();
        bool queued = r->Flag();
        long expires = r->Signed(), nominal = r->Signed();
        t->Overrun = r->Int();
        t->LastOverrun = r->Int();
        t->Generation = r->Int();
        t->CpuExpires = r->Word();
        if (basis >= HrtimerBase.Count || t->Interval < 0 || t->Signal < 0 || t->Signal > Signal.Max)
        {
            Heap.Free(t);
            return -Errno.EINVAL;
        }
        Hrtimers.Initialise(&t->Timer, (byte)basis, &PosixTimer.Expired, t);
        t->Timer.Wakes = AlarmTimers.Wakes(t->Clock);
        t->Nominal = clock->ToHost((byte)basis, nominal);
        // At the end of the list: the order in which they were made is the order in which they are found.
        PosixTimer** link = &timers->First;
        while (*link != null) link = &(*link)->Next;
        *link = t;
        if (queued) Hrtimers.Start(&t->Timer, clock->ToHost((byte)basis, expires));
        return 0;
    }
}
