using CoSim.Guest;

namespace CoSim.Os;

/// <summary>What the rest of the kernel calls of the time code. The order of calls at boot is in os/README.md.</summary>
public static unsafe partial class Time
{
    /// <summary>Reads which Linux to follow (os_semantics=); right after the command line is known.</summary>
    public static void ChooseLinux() => TimeOptions.ReadSemantics();

    /// <summary>The release of the Linux that is followed, as uname(2) tells it.</summary>
    public static System.ReadOnlySpan<byte> Release => TimeNamespaces.Semantics switch
    {
        OsSemantics.Linux34 => "3.4.0-cosim"u8,
        OsSemantics.Linux56 => "5.6.0-cosim"u8,
        OsSemantics.Linux510 => "5.10.0-cosim"u8,
        OsSemantics.Linux612 => "6.12.0-cosim"u8,
        OsSemantics.Linux615 => "6.15.0-cosim"u8,
        _ => "6.1.0-cosim"u8,
    };

    /// <summary>Since 6.4 a process's timer signals the thread that runs when it expires, if it is one of the process's.</summary>
    public static bool TimersPreferRunning => TimeNamespaces.Semantics >= OsSemantics.Linux612;

    /// <summary>
    /// On the boot CPU with interrupts off: finds and calibrates the clocks and timers, starts time from the RTC, and the
    /// periodic tick. Interrupts are let in briefly while the local timer is measured.
    /// </summary>
    public static void EarlyInit()
    {
        ulong entry = Machine.Rdtsc();
        TimePages.Initialise();
        Clocksources.InitialiseJiffies();
        TimeOptions.Read();
        Cpu.Current->TimeData = Heap.New<CpuTime>();
        if (!TimeOptions.NoHpet) Hpet.Initialise();
        PmTimer.Initialise();
        uint khz = Calibration.Quick();
        if (khz == 0) khz = Calibration.Slow();
        Tsc.Khz = khz;
        if (khz == 0) Clocksources.MarkTscUnstable("could not calculate TSC khz"u8);
        else
        {
            Log.Print("tsc: Detected %u.%03u MHz processor"u8, khz / 1000, khz % 1000);
            Tsc.StartSchedClock(entry);
            if (TimeOptions.NoTsc) Clocksources.MarkTscUnstable("boot parameter notsc"u8);
            if (TimeOptions.TscUnstable) Clocksources.MarkTscUnstable("boot parameter"u8);
        }
        Clocks.Initialise(Rtc.ReadWallClock());
        SchedClock.Start();
        uint signature = CpuFeatures.Signature;
        LapicTimer.RateByArat(CpuFeatures.Arat, (signature >> 8 & 15) + ((signature >> 8 & 15) == 15 ? signature >> 20 & 0xFF : 0), CpuFeatures.AratCleared);
        LapicCalibration.Run();
        LoopsPerJiffy.Initialise();
        Tick.ReprogramVector = Irq.AllocateVector();
        Irq.Register(Tick.ReprogramVector, &Tick.ReprogramInterrupt, null, "Clock change interrupts"u8);
        CrossCall.Initialise();
        Clocksources.RegisterFound();
        Tick.StartOnThisCpu();
    }

    /// <summary>On every other CPU, interrupts off, before it schedules: checks its TSC against the boot CPU's and starts its tick.</summary>
    public static void SecondaryInit(int cpu)
    {
        // A CPU that comes back after a suspension has its own already.
        if (Cpu.Current->TimeData == null) Cpu.Current->TimeData = Heap.New<CpuTime>();
        TscSync.Target();
        SchedClock.Start();
        Tick.StartOnThisCpu();
    }

    /// <summary>On the boot CPU, while <paramref name="cpu"/> runs <see cref="SecondaryInit"/>.</summary>
    public static void SyncSource(int cpu) => TscSync.Source(cpu);

    /// <summary>In the first kernel thread with all CPUs up: selects the clocksource, registers files, refines the TSC in the background.</summary>
    public static void LateInit()
    {
        Clocksources.FinishBooting();
        Tick.TrySwitchNow();
        RefinedCalibration.Begin();
        TimeFiles.Register();
        CheckpointFiles.Register();
        PowerFiles.Register();
    }

    /// <summary>The local timer's interrupt.</summary>
    public static void TickInterrupt(int cpu, TrapFrame* frame) => Tick.Interrupt(cpu, frame);

    /// <summary>Before HLT, interrupts off.</summary>
    public static void IdleEnter(int cpu) => Tick.IdleEnter(cpu);

    /// <summary>After HLT, interrupts off.</summary>
    public static void IdleExit(int cpu) => Tick.IdleExit(cpu);

    /// <summary>Before C2, interrupts off; false when the CPU must not go there now.</summary>
    public static bool EnterC2() => Broadcast.Enter(CpuTime.Local);

    /// <summary>After C2, interrupts off.</summary>
    public static void ExitC2() => Broadcast.Exit(CpuTime.Local);

    /// <summary>Nanoseconds since the kernel was entered, for log stamps; 0 until the TSC is calibrated. Any context.</summary>
    public static ulong LogClock() => SchedClock.Read();

    /// <summary>Cheap nanoseconds for accounting: the TSC, or the tick count when there is no TSC.</summary>
    public static ulong AccountingClock() => Tsc.Khz != 0 ? SchedClock.Read() : Tick.Elapsed * (ulong)TimeUnits.TickNsec;

    /// <summary>Nanoseconds for waits without sleep, interrupts on or off: the TSC even when it is not trusted, as it goes on without ticks.</summary>
    public static ulong BusyClock() => Tsc.Khz != 0 ? Tsc.SchedClock() : Tick.Elapsed * (ulong)TimeUnits.TickNsec;

    /// <summary>CLOCK_MONOTONIC of the initial namespace, in nanoseconds.</summary>
    public static long MonotonicNs() => Timekeeper.Monotonic(Clocks.Tk);

    /// <summary>"NMI" in bits 23:0 of a label: a non-maskable interrupt came; CLOCK_MONOTONIC in nanoseconds is in bits 63:24.</summary>
    private const ulong NmiCame = 0x494D4E;

    /// <summary>
    /// CLOCK_MONOTONIC from any context, also from an NMI that has interrupted the update of the clocks: it never waits, and may be slightly
    /// behind around an update (timekeeping reference, section 3, Latch for NMI).
    /// </summary>
    public static long MonotonicFastNs() => FastTimekeeper.Read(&Clocks.Tk->FastMono);

    /// <summary>Tells the simulator when an NMI came.</summary>
    internal static void MarkNmi()
    {
        if (Clocks.Tk->State.Mono.Clock != null) Marker.Label(NmiCame | (ulong)MonotonicFastNs() << 24);
    }

    /// <summary>CLOCK_BOOTTIME of the initial namespace, in nanoseconds.</summary>
    public static long BoottimeNs() => Timekeeper.Boottime(Clocks.Tk);

    /// <summary>CLOCK_REALTIME in nanoseconds since 1970.</summary>
    public static long RealtimeNs() => Clocks.Tk->State.Mono.Clock == null ? 0 : Timekeeper.RealtimeNs(Clocks.Tk);

    /// <summary>What CLOCK_BOOTTIME of the task's namespace is ahead of the host's, in nanoseconds; 0 for a task without namespaces.</summary>
    public static long NamespaceBoottimeOffsetNs(Task* task) =>
        task == null || task->NsProxy == null ? 0 : task->NsProxy->TimeNs->Offsets.Boottime.ToKtime();

    /// <summary>The offset for sysinfo(2), which shows it since 5.8, in nanoseconds.</summary>
    public static long SysinfoOffsetNs(Task* task) => TimeNamespaces.Semantics <= OsSemantics.Linux56 ? 0 : NamespaceBoottimeOffsetNs(task);

    /// <summary>The offset for btime in /proc/stat, which follows it since 5.11, in nanoseconds.</summary>
    public static long StatOffsetNs(Task* task) => TimeNamespaces.Semantics <= OsSemantics.Linux56 ? 0 : NamespaceBoottimeOffsetNs(task);

    /// <summary>Frequency of the TSC in kHz; 0 when it could not be measured.</summary>
    public static uint CpuKhz => Tsc.Khz;

    /// <summary>Whole BogoMIPS of <paramref name="cpus"/> processors, as /proc/cpuinfo and the boot messages give them.</summary>
    public static ulong BogoMips(int cpus) => LoopsPerJiffy.Whole((ulong)cpus * LoopsPerJiffy.Value);

    /// <summary>The hundredths of <see cref="BogoMips"/>.</summary>
    public static ulong BogoMipsHundredths(int cpus) => LoopsPerJiffy.Hundredths((ulong)cpus * LoopsPerJiffy.Value);

    /// <summary>Ticks since boot with their initial value, as /proc/timer_list and times(2) count them.</summary>
    public static ulong Jiffies => Tick.Jiffies;
}
