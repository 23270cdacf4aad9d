using CoSim.Guest;

namespace CoSim.Os.Programs.Workload;

/// <summary>
/// The computation between two calls: the processor is busy for the recorded time and interrupts come as they would. MWAITX lets that time pass
/// without instructions (AMD APM vol. 3); a processor that lacks it spins.
/// </summary>
public static unsafe class Gap
{
    private const uint FeatureLeaf = 0x8000_0001;
    private const uint MonitorxFeature = 1u << 29; // ECX

    /// <summary>What MWAITX and the way around it take: closer than this to the end, only the counter is read.</summary>
    private const ulong ShortestWait = 400;

    /// <summary>MWAITX: the timer ends the wait.</summary>
    private const uint TimerCounts = 2;

    private static byte* s_line;
    private static bool s_waits;

    /// <summary>Finds out how to wait.</summary>
    public static void Prepare()
    {
        s_line = Linux.Allocate(4096);
        *s_line = 0;
        s_waits = (Machine.Cpuid(FeatureLeaf, 0).Ecx & MonitorxFeature) != 0;
    }

    /// <summary>Computes until the TSC has reached a value.</summary>
    public static void Until(ulong deadline)
    {
        while (true)
        {
            ulong left = deadline - Machine.Rdtsc();
            if ((long)left <= 0) return;
            if (!s_waits || left <= ShortestWait) continue;
            left -= ShortestWait;
            Machine.MonitorX(s_line);
            Machine.MwaitX(left > uint.MaxValue ? uint.MaxValue : (uint)left, TimerCounts);
        }
    }
}
