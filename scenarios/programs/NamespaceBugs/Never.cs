using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.NamespaceBugs;

/// <summary>A timer for the end of time in a namespace whose clock is behind the host's.</summary>
public static unsafe class Never
{
    private const uint SysTimerfdCreate = 283, SysTimerfdSettime = 286, SysPoll = 7;
    private const ulong AbsoluteTime = 1, Readable = 1UL << 32;
    private const int Looks = 20;
    private const long BetweenLooks = 100 * Time.Millisecond;

    /// <summary>KTIME_SEC_MAX: the greatest second that a kernel deadline has.</summary>
    private const long LastSecond = 9_223_372_036;

    /// <summary>Arms a timerfd for the last second that there is, and looks at it for two seconds.</summary>
    public static int Run()
    {
        // The offset cannot put the clock before its start.
        Time.Sleep(3 * Time.Second);
        return (int)-Child.InNamespace(Linux.Text("1 -1 0\n"u8), &Inside);
    }

    private static void Inside()
    {
        long* setting = stackalloc long[4];
        setting[0] = setting[1] = setting[3] = 0;
        setting[2] = LastSecond;
        ulong timer = (ulong)SystemCall.Invoke(SysTimerfdCreate, (ulong)Time.Monotonic);
        SystemCall.Invoke6(SysTimerfdSettime, timer, AbsoluteTime, (ulong)setting, 0, 0, 0);
        long start = Time.Now(Time.Monotonic);
        bool expired = false;
        for (int i = 0; i < Looks && !expired; i++)
        {
            Time.Sleep(BetweenLooks);
            ulong wanted = timer | Readable; // struct pollfd
            expired = SystemCall.Invoke(SysPoll, (ulong)&wanted, 1, 0) == 1;
        }
        Line line = Line.Of("timer set to the year 2262 "u8);
        line = expired ? line.Add("expired after "u8) : line.Add("is still waiting after "u8);
        line.Milliseconds(Time.Now(Time.Monotonic) - start).Add(" ms"u8).End();
    }
}
