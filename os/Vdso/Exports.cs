using System.Runtime;
using CoSim.Guest;
using CoSim.Os.Timekeeping;

namespace CoSim.Os.Vdso;

/// <summary>What a libc finds in the vDSO (Linux, Documentation/ABI/stable/vdso). Errors come from the system call.</summary>
internal static unsafe class Exports
{
    private const uint SysClockGetres = 229;

    /// <summary>clock_gettime(2).</summary>
    [RuntimeExport("__vdso_clock_gettime")]
    internal static int ClockGettime(int clock, Timespec* result) => ClockReader.Read(clock, result);

    /// <summary>gettimeofday(2): the wall clock, which no namespace changes, and the time zone of the real page.</summary>
    [RuntimeExport("__vdso_gettimeofday")]
    internal static int Gettimeofday(Timeval* time, int* timezone)
    {
        VdsoData* data = VdsoData.HresCoarse(VdsoPages.Vvar);
        if (time != null)
        {
            Timespec now;
            int error = ClockReader.ReadHres(data, ClockId.Realtime, &now);
            if (error != 0) return error;
            time->Sec = now.Sec;
            time->Usec = (long)((ulong)now.Nsec / 1000);
        }
        if (timezone != null)
        {
            data = ClockReader.Real(data);
            timezone[0] = data->TzMinutesWest;
            timezone[1] = data->TzDstTime;
        }
        return 0;
    }

    /// <summary>time(2): one aligned load, so no sequence count is needed.</summary>
    [RuntimeExport("__vdso_time")]
    internal static long Time(long* result)
    {
        VdsoData* data = ClockReader.Real(VdsoData.HresCoarse(VdsoPages.Vvar));
        long sec = (long)VdsoData.BaseTime(data, ClockId.Realtime)->Sec;
        // Without a readable clocksource the kernel refreshes only the coarse base.
        if (data->ClockMode == (int)VdsoClockMode.None) sec = (long)VdsoData.BaseTime(data, ClockId.RealtimeCoarse)->Sec;
        if (result != null) *result = sec;
        return sec;
    }

    /// <summary>clock_getres(2).</summary>
    [RuntimeExport("__vdso_clock_getres")]
    internal static int ClockGetres(int clock, Timespec* result)
    {
        const uint hres = 1u << ClockId.Realtime | 1u << ClockId.Monotonic | 1u << ClockId.Boottime | 1u << ClockId.Tai | 1u << ClockId.MonotonicRaw;
        const uint coarse = 1u << ClockId.RealtimeCoarse | 1u << ClockId.MonotonicCoarse;
        uint bit = (uint)clock < ClockId.VdsoCount ? 1u << clock : 0;
        if ((bit & (hres | coarse)) == 0) return (int)SystemCall.Invoke(SysClockGetres, (ulong)clock, (ulong)result);
        if (result == null) return 0;
        result->Sec = 0;
        result->Nsec = (bit & hres) != 0 ? ClockReader.Real(VdsoData.HresCoarse(VdsoPages.Vvar))->HrtimerRes : TimeUnits.TickNsec;
        return 0;
    }

    /// <summary>
    /// getcpu(2): the kernel keeps node * 4096 + CPU as the limit of a segment of each CPU's descriptor table, selector 7Bh.
    /// </summary>
    [RuntimeExport("__vdso_getcpu")]
    internal static long Getcpu(uint* cpu, uint* node, void* unused)
    {
        uint limit = Machine.SegmentLimit(0x7B);
        if (cpu != null) *cpu = limit & 0xFFF;
        if (node != null) *node = limit >> 12;
        return 0;
    }
}
