namespace CoSim.Os.Timekeeping;

/// <summary>
/// /dev/rtc0 (rtc(4)). As in Linux since 2.6.38, periodic interrupts are those of a high-resolution timer. Updates and alarms are found by
/// looking at the clock while somebody waits for them: at its interrupts, or 64 times a second where the HPET has taken those.
/// </summary>
internal static unsafe partial class RtcDevice
{
    private const ulong InterruptFlag = 0x80, PeriodicFlag = 0x40, AlarmFlag = 0x20, UpdateFlag = 0x10;
    private const int FirstFrequency = 1024, LookFrequency = 64;

    private struct Device
    {
        internal Hrtimer Periodic, Look;
        internal WaitQueue Readers;
        internal SpinLock Lock;

        /// <summary>What read(2) gives: interrupts since the last, shifted left by 8, and their kinds.</summary>
        internal ulong Data;
        internal long LastSecond, AlarmTime;
        internal int Frequency, Busy;
        internal bool PeriodicOn, UpdateOn;
    }

    private static ulong s_device;
    private static FileOps s_ops;

    private static Device* The => (Device*)s_device;

    /// <summary>What /dev/rtc0 does.</summary>
    internal static FileOps* Ops => Text.Address(ref s_ops);

    /// <summary>Users without CAP_SYS_RESOURCE get no more interrupts a second.</summary>
    internal const int MaxUserFrequency = 64;

    /// <summary>Fills the table of operations.</summary>
    internal static void Initialise()
    {
        s_device = (ulong)Heap.New<Device>();
        The->Frequency = FirstFrequency;
        Hrtimers.Initialise(&The->Periodic, HrtimerBase.Monotonic, &PeriodicExpired, null);
        Hrtimers.Initialise(&The->Look, HrtimerBase.Monotonic, &Look, null);
        RtcInterrupt.Request(&Updated);
        s_ops.Open = &Open;
        s_ops.Release = &Release;
        s_ops.Read = &Read;
        s_ops.Poll = &Poll;
        s_ops.Ioctl = &Ioctl;
    }

    /// <summary>What /proc/driver/rtc tells.</summary>
    internal static bool TellsUpdates => The->UpdateOn;

    internal static bool IsPeriodic => The->PeriodicOn;

    /// <summary>Periodic interrupts a second, also while there are none.</summary>
    internal static int PeriodicFrequency => The->Frequency;

    /// <summary>The alarm's time in seconds since 1970; without one the next midnight, as the device's registers hold zeros.</summary>
    internal static long AlarmShown
    {
        get
        {
            long now = Rtc.ReadSeconds().Sec;
            return The->AlarmTime != 0 ? The->AlarmTime : now - now % SecondsPerDay + SecondsPerDay;
        }
    }

    private static int Open(File* file) => Atomic.Exchange32(&The->Busy, 1) != 0 ? -Errno.EBUSY : 0;

    private static void Release(File* file)
    {
        The->UpdateOn = false;
        SetPeriodic(false);
        The->Data = 0;
        Atomic.Store32(&The->Busy, 0);
    }

    private static void SetPeriodic(bool on)
    {
        Hrtimers.Cancel(&The->Periodic);
        The->PeriodicOn = on;
        if (on) Hrtimers.Start(&The->Periodic, Timekeeper.Monotonic(Clocks.Tk) + TimeUnits.NsecPerSec / The->Frequency);
    }

    /// <summary>The periodic interrupt; those that came too late are counted together.</summary>
    internal static bool PeriodicExpired(Hrtimer* timer)
    {
        ulong count = Hrtimer.Forward(timer, Timekeeper.Monotonic(Clocks.Tk), TimeUnits.NsecPerSec / The->Frequency);
        Note(count, PeriodicFlag);
        return The->PeriodicOn;
    }

    /// <summary>Looks for a new second and for the alarm.</summary>
    internal static bool Look(Hrtimer* timer)
    {
        Hrtimer.Forward(timer, Timekeeper.Monotonic(Clocks.Tk), TimeUnits.NsecPerSec / LookFrequency);
        LookOnce();
        return IsWaitedFor;
    }

    private static void Updated()
    {
        LookOnce();
        if (!IsWaitedFor) RtcInterrupt.Enable(false);
    }

    private static bool IsWaitedFor => The->UpdateOn || RtcAlarm.IsSet;

    private static void LookOnce()
    {
        if (!Rtc.TryReadSeconds(out long now)) return;
        if (The->UpdateOn && now != The->LastSecond) Note(1, UpdateFlag);
        The->LastSecond = now;
        if (RtcAlarm.TakeDue(now)) Note(1, AlarmFlag);
    }

    private static void BeginLooking()
    {
        Hrtimers.Cancel(&The->Look);
        The->LastSecond = Rtc.ReadSeconds().Sec;
        if (RtcInterrupt.Works)
        {
            RtcInterrupt.Enable(true);
            return;
        }
        Hrtimers.Start(&The->Look, Timekeeper.Monotonic(Clocks.Tk) + TimeUnits.NsecPerSec / LookFrequency);
    }

    private static void Note(ulong count, ulong kind)
    {
        ulong flags = The->Lock.AcquireIrqSave();
        The->Data = The->Data + (count << 8) | InterruptFlag | kind;
        The->Lock.ReleaseIrqRestore(flags);
        WaitQueue.WakeAll(&The->Readers);
    }

    private static ulong TakeData()
    {
        ulong flags = The->Lock.AcquireIrqSave();
        ulong data = The->Data;
        The->Data = 0;
        The->Lock.ReleaseIrqRestore(flags);
        return data;
    }

    private static long Read(File* file, ulong user, ulong count, ulong* position)
    {
        if (count != sizeof(uint) && count < sizeof(ulong)) return -Errno.EINVAL;
        Task* self = Cpu.CurrentTask;
        WaitEntry entry = default;
        entry.Task = self;
        WaitQueue.Add(&The->Readers, &entry);
        ulong data;
        long result = 0;
        for (; ; )
        {
            self->State = TaskState.Interruptible;
            data = TakeData();
            if (data != 0) break;
            if ((file->Flags & OpenFlags.NonBlock) != 0) result = -Errno.EAGAIN;
            else if (SignalDelivery.Pending(self)) result = -Errno.ERESTARTSYS;
            if (result != 0) break;
            Scheduler.Schedule();
        }
        self->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        if (result != 0) return result;
        if (count == sizeof(uint)) return UserMemory.Write32(user, (uint)data) != 0 ? -Errno.EFAULT : sizeof(uint);
        return UserMemory.Write64(user, data) != 0 ? -Errno.EFAULT : sizeof(ulong);
    }

    private static int Poll(File* file, PollTable* table)
    {
        PollTable.Join(table, &The->Readers);
        return Atomic.Load64(&The->Data) != 0 ? PollEvents.In | PollEvents.RdNorm : 0;
    }
}
