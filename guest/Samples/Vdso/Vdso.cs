using System.Runtime;

namespace CoSim.Guest.Samples;

/// <summary>A vDSO with a seqcount read of its first page and a fall-back to the system call.</summary>
public static unsafe class Vdso
{
    private const uint SysClockGettime = 228;

    private struct Page
    {
        public volatile uint Sequence;
        public uint Mode;
        public ulong Seconds, Nanoseconds;
    }

    private struct Timespec
    {
        public ulong Seconds, Nanoseconds;
    }

    [RuntimeExport("__vdso_clock_gettime")]
    public static int ClockGettime(int clock, void* result)
    {
        Page* page = (Page*)VdsoPages.Vvar;
        Timespec* timespec = (Timespec*)result;
        if (page->Mode == 0) return (int)SystemCall.Invoke(SysClockGettime, (ulong)clock, (ulong)result);
        uint sequence;
        do
        {
            sequence = page->Sequence;
            timespec->Seconds = page->Seconds;
            timespec->Nanoseconds = page->Nanoseconds + Machine.RdtscOrdered() % 1000;
        }
        while (page->Sequence != sequence);
        return 0;
    }

    [RuntimeExport("__vdso_time")]
    public static long Time(long* result)
    {
        long seconds = (long)((Page*)VdsoPages.Timens)->Seconds;
        if (result != null) *result = seconds;
        return seconds;
    }
}
