using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.NamespaceBugs;

/// <summary>A sleep until the end of time in a namespace whose clock is behind the host's.</summary>
public static unsafe class Never
{
    private const uint SysTimerfdCreate = 283, SysTimerfdSettime = 286, SysPoll = 7;
    private const ulong AbsoluteTime = 1;
    private const ulong Patience = 2000;

    /// <summary>KTIME_SEC_MAX: the greatest second that a kernel deadline has.</summary>
    private const long LastSecond = 9_223_372_036;

    /// <summary>Arms a timerfd for the last second that there is, and waits two seconds for it.</summary>
    public static int Run()
    {
        // The offset cannot put the clock before its start.
        Time.Sleep(3 * Time.Second);
        return (int)-Child.InNamespace(Linux.Text("monotonic -1 0\n"u8), &Inside);
    }

    private static void Inside()
    {
        long* setting = stackalloc long[4];
        setting[0] = setting[1] = setting[3] = 0;
        setting[2] = LastSecond;
        ulong timer = (ulong)SystemCall.Invoke(SysTimerfdCreate, (ulong)Time.Monotonic);
        SystemCall.Invoke6(SysTimerfdSettime, timer, AbsoluteTime, (ulong)setting, 0, 0, 0);
        long start = Time.Now(Time.Monotonic);
        ulong wanted = timer | 1UL << 32; // struct pollfd: POLLIN
        long ready = SystemCall.Invoke(SysPoll, (ulong)&wanted, 1, Patience);
        long waited = Time.Now(Time.Monotonic) - start;
        if (ready == 1) Line.Of("timer set to the year 2262 expired after "u8).Milliseconds(waited).Add(" ms"u8).End();
        else Line.Of("timer set to the year 2262 is still waiting after "u8).Milliseconds(waited).Add(" ms"u8).End();
    }
}
