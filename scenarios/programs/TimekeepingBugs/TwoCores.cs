using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.TimekeepingBugs;

/// <summary>Two threads on two cores read CLOCK_MONOTONIC by the vDSO and throw away what they read: only who looks from outside knows.</summary>
public static unsafe class TwoCores
{
    private const long Rounds = 200;

    private static delegate*<ulong, long*, long> s_read;
    private static long s_turn;

    /// <summary>Reads, hands over, reads again.</summary>
    public static int Run(ulong* stack)
    {
        s_read = (delegate*<ulong, long*, long>)VdsoFunction.Find(VdsoFunction.Base(stack), Linux.Text("__vdso_clock_gettime"u8));
        if (s_read == null) return 1;
        ulong first = 1;
        Linux.SetAffinity(&first);
        if (Child.Start(Child.Thread, &Other) < 0) return 1;
        Read(0);
        Line.Of("two cores: read the clock "u8).Add(2 * Rounds).Add(" times"u8).End();
        return 0;
    }

    /// <summary>Reads CLOCK_MONOTONIC, lets a process of another time namespace read it, a day ahead, and reads it again: nothing is wrong.</summary>
    public static int RunInNamespaces(ulong* stack)
    {
        s_read = (delegate*<ulong, long*, long>)VdsoFunction.Find(VdsoFunction.Base(stack), Linux.Text("__vdso_clock_gettime"u8));
        if (s_read == null) return 1;
        Once();
        long error = Child.InNamespace(Linux.Text("monotonic 86400 0\n"u8), &Once);
        Once();
        return (int)-error;
    }

    private static void Once()
    {
        long* time = stackalloc long[2];
        s_read(Time.Monotonic, time);
    }

    private static void Other()
    {
        ulong second = 2;
        Linux.SetAffinity(&second);
        Read(1);
        Child.End();
    }

    private static void Read(long parity)
    {
        long* time = stackalloc long[2];
        for (long i = 0; i < Rounds; i++)
        {
            while (s_turn != 2 * i + parity) Machine.Pause();
            s_read(Time.Monotonic, time);
            s_turn++;
        }
    }
}
