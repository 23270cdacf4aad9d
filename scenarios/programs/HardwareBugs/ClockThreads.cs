using System.Runtime.CompilerServices;
using System.Threading;
using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.HardwareBugs;

/// <summary>
/// HW-06 and HW-07. Two threads on two CPUs read CLOCK_MONOTONIC by the vDSO in turns under a lock, each after it has loaded the time that the
/// other has read. On the detailed engine; nothing but the order in which the pipeline executes decides whether a time is below the one before.
/// </summary>
public static unsafe class ClockThreads
{
    private const int Rounds = 1000, Warm = 20;

    /// <summary>CPU 4: of the next core complex, from which a line takes longest.</summary>
    private const ulong OtherComplex = 1 << 4;

    /// <summary>TSC ticks, 100 us.</summary>
    private const ulong UntilDetailed = 225_000;

    private static delegate*<ulong, long*, long> s_read;
    private static Shared s_shared;
    private static int s_ready;

    /// <summary>Lock, time and account stand in lines of their own.</summary>
    [InlineArray(48)] private struct Shared { private ulong _first; }

    private static ulong* Lock => (ulong*)(((ulong)Unsafe.AsPointer(ref s_shared) + 63) & ~63UL);

    private static long* LastTime => (long*)Lock + 8;

    private static long* Steps => (long*)Lock + 16;

    private static long* LargestStep => (long*)Lock + 17;

    /// <summary>Reads the clock on two CPUs and says how often it went backwards.</summary>
    public static int Run(ulong* stack)
    {
        s_read = (delegate*<ulong, long*, long>)VdsoFunction.Find(VdsoFunction.Base(stack), Linux.Text("__vdso_clock_gettime"u8));
        if (s_read == null) return 1;
        ulong first = 1;
        Linux.SetAffinity(&first);
        if (Child.Start(Child.Thread, &Other) < 0) return 1;
        Meet(2);
        Marker.Detailed(0);
        // The fast engine ends what it has begun first.
        ulong start = Machine.RdtscOrdered();
        while (Machine.RdtscOrdered() - start < UntilDetailed) Machine.Pause();
        Meet(4);
        Read();
        Meet(6);
        Marker.Functional(0);
        Line.Of("clock_gettime: "u8).Add(*Steps).Add(" of "u8).Add(2 * Rounds).Add(" times before one that the other thread had read, by up to "u8).Add(*LargestStep).Add(" ns"u8).End();
        return 0;
    }

    private static void Other()
    {
        ulong second = OtherComplex;
        Linux.SetAffinity(&second);
        Meet(2);
        Meet(4);
        Read();
        Meet(6);
        Child.End();
    }

    /// <summary>Waits until both have come here; the third meeting is the sixth arrival.</summary>
    private static void Meet(int arrivals)
    {
        Machine.LockAdd32(Unsafe.AsPointer(ref s_ready), 1);
        while (Volatile.Read(ref s_ready) < arrivals) Machine.Pause();
    }

    private static void Read()
    {
        long* time = stackalloc long[2];
        for (int i = -Warm; i < Rounds; i++)
        {
            // As kernels spin: by loads, so that the exchange is expected to succeed and what follows it runs ahead.
            while (Machine.Exchange32(Lock, 1) != 0)
            {
                while (Volatile.Read(ref *(uint*)Lock) != 0) Machine.Pause();
            }
            long before = Volatile.Read(ref *LastTime);
            s_read(Time.Monotonic, time);
            long now = time[0] * Time.Second + time[1];
            Volatile.Write(ref *LastTime, now);
            if (i >= 0 && before > now)
            {
                ++*Steps;
                if (before - now > *LargestStep) *LargestStep = before - now;
            }
            Volatile.Write(ref *(uint*)Lock, 0);
            // Neither keeps the lock to itself, and they meet at another moment each time.
            for (int rest = (i * 5) & 7; rest >= 0; rest--) Machine.Pause();
        }
    }
}
