namespace CoSim.Os;

/// <summary>Suspend to RAM (ACPI 6.3, section 7.4.2.2): from /sys/power/state to the firmware and back.</summary>
internal static unsafe class Suspend
{
    private static SpinLock s_lock;
    private static bool s_busy;

    /// <summary>Suspends the machine; returns when it has woken up. 0, -EBUSY when something keeps it awake, -EINVAL when it cannot sleep.</summary>
    internal static int Enter()
    {
        if (!SleepState.IsOffered) return -Errno.EINVAL;
        s_lock.Acquire();
        bool busy = s_busy;
        s_busy = true;
        s_lock.Release();
        if (busy) return -Errno.EBUSY;
        Log.Print("PM: suspend entry (deep)"u8);
        int r = EnterAlone();
        Log.Print("PM: suspend exit"u8);
        s_busy = false;
        return r;
    }

    private static int EnterAlone()
    {
        AlarmTimers.ForgetFrozen();
        if (!Freezer.FreezeAll())
        {
            Log.Print("Freezing user space processes failed"u8);
            Freezer.ThawAll();
            return -Errno.EBUSY;
        }
        Log.Print("Freezing user space processes"u8);
        int r = RtcAlarm.ArmForSleep();
        if (r == 0) SleepOnBootCpu();
        else Log.Print("PM: Some devices failed to suspend, or early wake event detected"u8);
        Freezer.ThawAll();
        Log.Print("Restarting tasks ... done."u8);
        return r;
    }

    private static void SleepOnBootCpu()
    {
        Task* self = Cpu.CurrentTask;
        ulong allowed = self->Sched.AllowedCpus;
        Scheduler.SetAffinity(self, 1);
        Log.Print("ACPI: PM: Preparing to enter system sleep state S3"u8);
        if (Cpu.OnlineCount > 1) Log.Print("Disabling non-boot CPUs ..."u8);
        Smp.ParkOthers();
        ulong flags = Cpu.IrqSave();
        Time.SuspendClocks();
        SleepState.Sleep();
        Time.ResumeClocks();
        Cpu.IrqRestore(flags);
        RtcAlarm.AfterSleep();
        Log.Print("ACPI: PM: Low-level resume complete"u8);
        Smp.BringBackOthers();
        Log.Print("ACPI: PM: Waking up from system sleep state S3"u8);
        Scheduler.SetAffinity(self, allowed);
    }
}
