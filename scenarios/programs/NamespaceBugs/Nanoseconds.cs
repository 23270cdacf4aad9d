using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.NamespaceBugs;

/// <summary>A nanosecond field of timens_offsets that is negative once it has been read into a signed number.</summary>
public static unsafe class Nanoseconds
{
    /// <summary>Writes 2^64 - 10^12, that is -1000 s in nanoseconds, and reads a clock in the namespace.</summary>
    public static int Run()
    {
        long error = Child.InNamespace(Linux.Text("monotonic 2000 18446742573709551616\n"u8), &Inside);
        if (error == 0) return 0;
        if (error == -22) Line.Of("timens_offsets: Invalid argument"u8).End();
        else Line.Of("timens_offsets: error "u8).Add(-error).End();
        return 0;
    }

    private static void Inside()
    {
        ulong before = Machine.Rdtsc();
        long now = Time.Now(Time.Monotonic);
        ulong ticks = Machine.Rdtsc() - before;
        Line.Of("timens_offsets: taken; clock_gettime took "u8).Add((long)ticks).Add(" TSC ticks and says "u8).Add(now / Time.Second).Add(" s"u8).End();
    }
}
