using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.NamespaceBugs;

/// <summary>A nanosecond field of timens_offsets that is negative once it has been read into a signed number.</summary>
public static unsafe class Nanoseconds
{
    /// <summary>Writes 2^64 - 10^15, that is -10^6 s in nanoseconds, and has a child read a clock.</summary>
    public static int Run()
    {
        long error = Child.InNamespace(Linux.Text("1 1000100 18445744073709551616\n"u8), &Inside);
        if (error == 0) return 0;
        if (error == -22) Line.Of("timens_offsets: Invalid argument"u8).End();
        else Line.Of("timens_offsets: error "u8).Add(-error).End();
        int child = Linux.Fork();
        if (child == 0)
        {
            Report("clock_gettime takes "u8);
            Linux.Exit(0);
        }
        Linux.Wait(child, out _);
        return 0;
    }

    private static void Inside() => Report("timens_offsets: taken; clock_gettime took "u8);

    private static void Report(System.ReadOnlySpan<byte> what)
    {
        ulong before = Machine.Rdtsc();
        long now = Time.Now(Time.Monotonic);
        ulong ticks = Machine.Rdtsc() - before;
        Line.Of(what).Add((long)ticks).Add(" TSC ticks and says "u8).Add(now / Time.Second).Add(" s"u8).End();
    }
}
