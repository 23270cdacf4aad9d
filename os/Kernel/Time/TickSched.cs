namespace CoSim.Os.Timekeeping;

/// <summary>What a CPU remembers of idling without ticks, for /proc/timer_list. Times are monotonic nanoseconds.</summary>
internal struct TickSched
{
    /// <summary>Expiry that the tick had when it was stopped.</summary>
    internal long LastTick;

    /// <summary>Jiffies when the tick was stopped.</summary>
    internal ulong IdleJiffies;
    internal long IdleEntry, IdleWake, IdleExit;

    /// <summary>First timer that was due when the tick was stopped, and what the device was set to.</summary>
    internal long NextTimer, IdleExpires;
}
