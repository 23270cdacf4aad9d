namespace CoSim.Os.Timekeeping;

/// <summary>The functions of timers by the names under which Linux's /proc/timer_list shows them.</summary>
internal static unsafe class HrtimerNames
{
    /// <summary>A NUL-terminated name.</summary>
    internal static byte* Of(void* function)
    {
        if (function == (delegate*<Hrtimer*, bool>)&Tick.Expired) return Text.Literal("tick_sched_timer"u8);
        if (function == (delegate*<Hrtimer*, bool>)&Time.WakeSleeper) return Text.Literal("hrtimer_wakeup"u8);
        if (function == (delegate*<Hrtimer*, bool>)&PosixTimer.Expired) return Text.Literal("posix_timer_fn"u8);
        if (function == (delegate*<Hrtimer*, bool>)&ItimerCalls.Expired) return Text.Literal("it_real_fn"u8);
        if (function == (delegate*<Hrtimer*, bool>)&RtcDevice.PeriodicExpired) return Text.Literal("rtc_pie_update_irq"u8);
        if (function == (delegate*<Hrtimer*, bool>)&RtcDevice.Look) return Text.Literal("rtc_look"u8);
        if (function == (delegate*<Hrtimer*, bool>)&TimerFds.Expire) return Text.Literal("timerfd_tmrproc"u8);
        // These two are wheel timers and delayed work on Linux, which does not list them.
        if (function == (delegate*<Hrtimer*, bool>)&Watchdog.Expired) return Text.Literal("clocksource_watchdog"u8);
        if (function == (delegate*<Hrtimer*, bool>)&RefinedCalibration.Finish) return Text.Literal("tsc_refine_calibration_work"u8);
        return Text.Literal("unknown"u8);
    }
}
