namespace CoSim.Os.Timekeeping;

/// <summary>What the time code keeps for one CPU (PerCpu.TimeData).</summary>
internal unsafe struct CpuTime
{
    internal HrtimerCpu Timers;

    /// <summary>Emulates the tick once the local timer runs in one-shot mode.</summary>
    internal Hrtimer TickTimer;

    /// <summary>The interrupted context, while the timer interrupt runs.</summary>
    internal TrapFrame* Frame;

    /// <summary>The local timer is one-shot: high resolution and idle without ticks.</summary>
    internal bool OneShot;

    /// <summary>This CPU idles and its tick stands.</summary>
    internal bool TickStopped;

    /// <summary>Monotonic time at which the tick was stopped.</summary>
    internal long StoppedAt;
    internal ulong IdleEntries, IdleStops;
    internal TickSched Sched;

    /// <summary>Log stamps and accounting once the TSC is not trusted.</summary>
    internal SchedClockData CheapClock;

    internal static CpuTime* Of(int cpu)
    {
        PerCpu* area = Cpu.At(cpu);
        return area == null ? null : (CpuTime*)area->TimeData;
    }

    internal static CpuTime* Local => (CpuTime*)Cpu.Current->TimeData;
}
