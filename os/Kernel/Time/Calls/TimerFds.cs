namespace CoSim.Os.Timekeeping;

/// <summary>State of one timerfd.</summary>
internal unsafe struct TimerFd
{
    internal Hrtimer Timer;
    internal WaitQueue Readers;
    internal int Clock;
    internal long Interval;

    /// <summary>Expiries not yet read.</summary>
    internal ulong Ticks;

    /// <summary>It has expired and stands, until a read starts a periodic one again.</summary>
    internal bool Expired;

    /// <summary>TFD_TIMER_CANCEL_ON_SET.</summary>
    internal bool MayCancel;

    /// <summary>Flags of the last timerfd_settime.</summary>
    internal int Flags;

    /// <summary>Offset of the wall clock to the monotonic one when the program was last told of a step.</summary>
    internal long KnownOffset;
    internal TimerFd* NextCancel;
}

/// <summary>timerfd_create, timerfd_settime, timerfd_gettime and the files' operations.</summary>
internal static unsafe partial class TimerFds
{
    private const int Abstime = 1, CancelOnSet = 2;

    private static FileOps s_ops;

    /// <summary>First of the cancellable ones; a TimerFd*.</summary>
    private static ulong s_cancelHead;
    private static SpinLock s_lock;

    /// <summary>What tells a timerfd from other files.</summary>
    internal static FileOps* Ops
    {
        get
        {
            FileOps* ops = Text.Address(ref s_ops);
            if (ops->Read != null) return ops;
            ops->Poll = &Poll;
            ops->Release = &Release;
            ops->Info = &Info;
            ops->Ioctl = &Ioctl;
            ops->SeeksNowhere = true;
            ops->Read = &Read;
            return ops;
        }
    }

    /// <summary>timerfd_create(clock, flags).</summary>
    internal static long Create(TrapFrame* f)
    {
        int clock = (int)f->Rdi, flags = (int)f->Rsi;
        if ((flags & ~(OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0) return -Errno.EINVAL;
        bool alarm = clock is ClockId.RealtimeAlarm or ClockId.BoottimeAlarm;
        if (!alarm && clock is not (ClockId.Monotonic or ClockId.Realtime or ClockId.Boottime)) return -Errno.EINVAL;
        if (alarm && !Permission.Capable(Cap.WakeAlarm)) return -Errno.EPERM;
        TimerFd* t = Heap.New<TimerFd>();
        if (t == null) return -Errno.ENOMEM;
        t->Clock = clock;
        t->KnownOffset = Clocks.Tk->State.OffsReal;
        Hrtimers.Initialise(&t->Timer, HrtimerBase.OfClock(clock), &Expire, t);
        t->Timer.Wakes = alarm;
        int fd = AnonymousFile.Create(Ops, t, OpenFlags.ReadWrite | flags, "anon_inode:[timerfd]"u8);
        if (fd < 0) Heap.Free(t);
        return fd;
    }

    internal static bool Expire(Hrtimer* timer)
    {
        TimerFd* t = (TimerFd*)timer->Context;
        ulong flags = s_lock.AcquireIrqSave();
        t->Expired = true;
        t->Ticks++;
        s_lock.ReleaseIrqRestore(flags);
        WaitQueue.WakeAll(&t->Readers);
        return false;
    }

    /// <summary>The file of a descriptor with a reference, or an error for one that is no timerfd.</summary>
    private static File* Get(int fd, out int error)
    {
        File* file = FileTable.Get(fd);
        error = file == null ? -Errno.EBADF : 0;
        if (file == null || file->Ops == Ops) return file;
        File.Put(file);
        error = -Errno.EINVAL;
        return null;
    }

    /// <summary>timerfd_settime(fd, flags, value, old). A zero value disarms; that is decided before any conversion.</summary>
    internal static long Settime(TrapFrame* f)
    {
        int flags = (int)f->Rsi;
        Itimerspec value;
        if (UserMemory.CopyFrom(&value, f->Rdx, (ulong)sizeof(Itimerspec)) != 0) return -Errno.EFAULT;
        if ((flags & ~(Abstime | CancelOnSet)) != 0 || !value.IsValid) return -Errno.EINVAL;
        int error;
        File* file = Get((int)f->Rdi, out error);
        if (file == null) return error;
        TimerFd* t = (TimerFd*)file->Private;
        SetCancel(t, flags);
        t->Flags = flags;
        CatchUp(t);
        long interval = t->Interval, left = Hrtimers.Remaining(&t->Timer);
        Hrtimers.Cancel(&t->Timer);
        t->Expired = false;
        t->Ticks = 0;
        t->Interval = value.Interval.ToKtime();
        long first = value.Value.ToKtime();
        if (first != 0)
        {
            bool absolute = (flags & Abstime) != 0;
            int clock = !absolute && t->Clock is ClockId.Realtime or ClockId.RealtimeAlarm ? ClockId.Monotonic : t->Clock;
            t->Timer.Base = HrtimerBase.OfClock(clock);
            Hrtimers.Start(&t->Timer, Time.Deadline(clock, absolute, first));
            // The timer is armed, but its time may have been reckoned with the old clock.
            if (IsCancelled(t)) error = -Errno.ECANCELED;
        }
        File.Put(file);
        return error != 0 || f->R10 == 0 ? error : WriteValue(f->R10, interval, left);
    }

    /// <summary>timerfd_gettime(fd, value).</summary>
    internal static long Gettime(TrapFrame* f)
    {
        int error;
        File* file = Get((int)f->Rdi, out error);
        if (file == null) return error;
        TimerFd* t = (TimerFd*)file->Private;
        CatchUp(t);
        long interval = t->Interval, left = Hrtimers.Remaining(&t->Timer);
        File.Put(file);
        return WriteValue(f->Rsi, interval, left);
    }

    /// <summary>A periodic timer that has expired counts the intervals that passed since, and starts for the next.</summary>
    private static void CatchUp(TimerFd* t)
    {
        if (!t->Expired || t->Interval == 0) return;
        t->Expired = false;
        t->Ticks += Hrtimer.Forward(&t->Timer, Clocks.ReadBase(t->Timer.Base), t->Interval) - 1;
        Hrtimers.Start(&t->Timer, t->Timer.Expires);
    }

    private static long WriteValue(ulong user, long interval, long left)
    {
        if (UserTime.WriteNsec(user, interval) != 0) return -Errno.EFAULT;
        return UserTime.WriteNsec(user + 16, left);
    }

    /// <summary>TFD_IOC_SET_TICKS, for restorers of processes: expiries as if they had not been read. 0 is not a number of them.</summary>
    private static long Ioctl(File* file, uint request, ulong argument)
    {
        const uint SetTicks = 0x40085400;
        if (request != SetTicks) return -Errno.ENOTTY;
        if (UserMemory.Read64(argument, out ulong ticks) != 0) return -Errno.EFAULT;
        if (ticks == 0) return -Errno.EINVAL;
        TimerFd* t = (TimerFd*)file->Private;
        if (IsCancelled(t)) return -Errno.ECANCELED;
        ulong flags = s_lock.AcquireIrqSave();
        t->Ticks = ticks;
        s_lock.ReleaseIrqRestore(flags);
        WaitQueue.WakeAll(&t->Readers);
        return 0;
    }

    private static long Read(File* file, ulong user, ulong count, ulong* position)
    {
        if (count < 8) return -Errno.EINVAL;
        TimerFd* t = (TimerFd*)file->Private;
        Task* self = Cpu.CurrentTask;
        WaitEntry entry = default;
        entry.Task = self;
        long result = 0;
        WaitQueue.Add(&t->Readers, &entry);
        for (; ; )
        {
            self->State = TaskState.Interruptible;
            if (Ready(t)) break;
            if ((file->Flags & OpenFlags.NonBlock) != 0) result = -Errno.EAGAIN;
            else if (SignalDelivery.Pending(self)) result = -Errno.ERESTARTSYS;
            if (result != 0) break;
            Scheduler.Schedule();
        }
        self->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        if (result != 0) return result;

        bool cancelled = IsCancelled(t);
        if (cancelled) t->Ticks = 0;
        CatchUp(t);
        ulong ticks = t->Ticks;
        t->Ticks = 0;
        if (cancelled) return -Errno.ECANCELED;
        return UserMemory.Write64(user, ticks) != 0 ? -Errno.EFAULT : 8;
    }

    // Not inlined: interrupt handlers change it.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static bool Ready(TimerFd* t) => t->Ticks != 0;

    private static int Poll(File* file, PollTable* table)
    {
        TimerFd* t = (TimerFd*)file->Private;
        PollTable.Join(table, &t->Readers);
        return Ready(t) ? PollEvents.In | PollEvents.RdNorm : 0;
    }

    private static void Info(File* file, TextBuffer* text)
    {
        TimerFd* t = (TimerFd*)file->Private;
        long left = Hrtimers.Remaining(&t->Timer);
        text->Format("clockid: %d\nticks: %llu\nsettime flags: 0%d\n"u8, (ulong)t->Clock, t->Ticks, (ulong)t->Flags);
        text->Format("it_value: (%llu, %llu)\nit_interval: (%llu, %llu)\n"u8,
            (ulong)left / 1_000_000_000, (ulong)left % 1_000_000_000, (ulong)t->Interval / 1_000_000_000, (ulong)t->Interval % 1_000_000_000);
    }

    private static void Release(File* file)
    {
        TimerFd* t = (TimerFd*)file->Private;
        SetCancel(t, 0);
        Hrtimers.Cancel(&t->Timer);
        Heap.Free(t);
    }

    private static void SetCancel(TimerFd* t, int flags)
    {
        bool wanted = t->Clock is ClockId.Realtime or ClockId.RealtimeAlarm && (flags & (Abstime | CancelOnSet)) == (Abstime | CancelOnSet);
        if (wanted == t->MayCancel) return;
        ulong irq = s_lock.AcquireIrqSave();
        t->MayCancel = wanted;
        TimerFd** link = (TimerFd**)Text.Address(ref s_cancelHead);
        if (wanted)
        {
            t->NextCancel = *link;
            *link = t;
        }
        else
        {
            while (*link != null && *link != t) link = &(*link)->NextCancel;
            if (*link != null) *link = t->NextCancel;
        }
        s_lock.ReleaseIrqRestore(irq);
    }

    /// <summary>Whether the wall clock has been stepped since the program was last told; this tells it.</summary>
    private static bool IsCancelled(TimerFd* t)
    {
        ulong flags = s_lock.AcquireIrqSave();
        long offset = Clocks.Tk->State.OffsReal;
        bool cancelled = t->MayCancel && t->KnownOffset != offset;
        if (cancelled) t->KnownOffset = offset;
        s_lock.ReleaseIrqRestore(flags);
        return cancelled;
    }

    /// <summary>The wall clock was stepped: cancellable readers are told.</summary>
    internal static void ClockWasSet()
    {
        ulong flags = s_lock.AcquireIrqSave();
        long offset = Clocks.Tk->State.OffsReal;
        for (TimerFd* t = (TimerFd*)s_cancelHead; t != null; t = t->NextCancel)
        {
            if (t->KnownOffset == offset) continue;
            t->KnownOffset = TimeUnits.KtimeMax;
            t->Ticks++;
            WaitQueue.WakeAll(&t->Readers);
        }
        s_lock.ReleaseIrqRestore(flags);
    }
}
