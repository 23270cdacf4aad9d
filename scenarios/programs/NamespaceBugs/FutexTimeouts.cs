using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.NamespaceBugs;

/// <summary>Absolute timeouts of futex(2) inside a time namespace, as pthread_cond_timedwait and pthread_mutex_timedlock use them.</summary>
public static unsafe class FutexTimeouts
{
    private const uint SysFutex = 202, SysGetTid = 186;
    private const ulong WaitBitset = 9, LockPi = 6, AllBits = 0xFFFF_FFFF;

    /// <summary>How long is waited for: 100 ms.</summary>
    private const long Wanted = 100 * Time.Millisecond;

    /// <summary>FUTEX_WAIT_BITSET with a deadline of CLOCK_MONOTONIC.</summary>
    public static int Wait() => (int)-Child.InNamespace(Linux.Text("1 10 0\n"u8), &WaitInside);

    /// <summary>FUTEX_LOCK_PI, whose deadline is always one of CLOCK_REALTIME, of a lock that another process holds.</summary>
    public static int Lock() => (int)-Child.InNamespace(Linux.Text("1 864000 0\n"u8), &LockInside);

    private static void WaitInside()
    {
        uint word = 0;
        long* deadline = stackalloc long[2];
        long start = Time.Now(Time.Monotonic);
        Time.Split(start + Wanted, deadline);
        long result = SystemCall.Invoke6(SysFutex, (ulong)&word, WaitBitset, 0, (ulong)deadline, 0, AllBits);
        Report(start, Time.Monotonic, result);
    }

    private static void LockInside()
    {
        // The lock is held by thread 1, init, which never lets go of it.
        uint word = 1;
        long* deadline = stackalloc long[2];
        long start = Time.Now(Time.Realtime);
        Time.Split(start + Wanted, deadline);
        long result = SystemCall.Invoke6(SysFutex, (ulong)&word, LockPi, 0, (ulong)deadline, 0, 0);
        Report(start, Time.Realtime, result);
    }

    private static void Report(long start, int clock, long result) =>
        Line.Of("futex: asked to wait 100 ms, result "u8).Add(result).Add(", waited "u8).Milliseconds(Time.Now(clock) - start).Add(" ms"u8).End();
}
