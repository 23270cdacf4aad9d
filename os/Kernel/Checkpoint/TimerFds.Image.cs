namespace CoSim.Os.Timekeeping;

/// <summary>Timer files in images.</summary>
internal static unsafe partial class TimerFds
{
    internal static void Save(File* file, ImageClock* clock, ulong* detail)
    {
        TimerFd* t = (TimerFd*)file->Private;
        detail[0] = (ulong)t->Clock;
        detail[1] = t->Timer.Base;
        detail[2] = (ulong)t->Interval;
        detail[3] = t->Ticks;
        detail[4] = t->Expired ? 1UL : 0;
        detail[5] = t->Timer.Queued ? 1UL : 0;
        detail[6] = (ulong)clock->ToProcesses(t->Timer.Base, t->Timer.Expires);
        detail[7] = (t->MayCancel ? 1UL : 0) | (ulong)t->Flags << 1;
    }

    /// <summary>The timer's file, its timer running; null when memory is out or the record is wrong.</summary>
    internal static File* Load(ulong* detail, int flags, ImageClock* clock)
    {
        if (detail[1] >= HrtimerBase.Count || (long)detail[2] < 0) return null;
        TimerFd* t = Heap.New<TimerFd>();
        if (t == null) return null;
        t->Clock = (int)detail[0];
        Hrtimers.Initialise(&t->Timer, (byte)detail[1], &Expire, t);
        t->Timer.Wakes = AlarmTimers.Wakes(t->Clock);
        t->Interval = (long)detail[2];
        t->Ticks = detail[3];
        t->Expired = detail[4] != 0;
        t->KnownOffset = Clocks.Tk->State.OffsReal;
        t->Timer.Expires = clock->ToHost(t->Timer.Base, (long)detail[6]);
        File* file = AnonymousFile.CreateFile(Ops, t, flags, "anon_inode:[timerfd]"u8, 0x180);
        if (file == null)
        {
            Heap.Free(t);
            return null;
        }
        t->Flags = (int)(detail[7] >> 1) & (Abstime | CancelOnSet);
        if ((detail[7] & 1) != 0) SetCancel(t, Abstime | CancelOnSet);
        if (detail[5] != 0) Hrtimers.Start(&t->Timer, t->Timer.Expires);
        return file;
    }
}
