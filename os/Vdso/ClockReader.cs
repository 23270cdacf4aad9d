using System.Runtime.CompilerServices;
using CoSim.Guest;
using CoSim.Os.Timekeeping;

namespace CoSim.Os.Vdso;

/// <summary>
/// Reads a clock from the time pages. A task outside time namespaces pays nothing for them: its page has an even sequence
/// count except during an update, and only an odd one makes the reader look whether the page is a namespace's
/// (time namespace reference, section 6). The real data are then one page before the image.
/// </summary>
internal static unsafe class ClockReader
{
    private const uint HresClocks = 1u << ClockId.Realtime | 1u << ClockId.Monotonic | 1u << ClockId.Boottime | 1u << ClockId.Tai;
    private const uint CoarseClocks = 1u << ClockId.RealtimeCoarse | 1u << ClockId.MonotonicCoarse;
    private const uint RawClocks = 1u << ClockId.MonotonicRaw;

    /// <summary>From a namespace's page at the first place to the system's at the last of the four.</summary>
    private const int RealDistance = 3 * 4096;
    private const uint SysClockGettime = 228;
    private const ulong NsecPerSec = (ulong)TimeUnits.NsecPerSec;

    /// <summary>clock_gettime. Each way out returns directly, so that the common one has no flag to test.</summary>
    /// <returns>0, or what the system call says of another clock, or of one whose clocksource user space cannot read.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Read(int clock, Timespec* result)
    {
        if ((uint)clock >= ClockId.VdsoCount) return AskKernel(clock, result);
        uint bit = 1u << clock;
        VdsoData* data = VdsoData.HresCoarse(VdsoPages.Vvar);
        if ((bit & HresClocks) == 0)
        {
            if ((bit & CoarseClocks) != 0) return ReadCoarse(data, clock, result);
            if ((bit & RawClocks) == 0) return AskKernel(clock, result);
            data = VdsoData.RawData(VdsoPages.Vvar);
        }
        return ReadHres(data, clock, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ReadHres(VdsoData* data, int clock, Timespec* result)
    {
        VdsoTimestamp* basis = VdsoData.BaseTime(data, clock);
        uint seq;
        ulong sec, nsec;
        do
        {
            while (((seq = Volatile32.Read(&data->Seq)) & 1) != 0)
            {
                if (data->ClockMode == (int)VdsoClockMode.Timens) return ReadHresInNamespace(data, clock, result);
                Machine.Pause();
            }
            if (data->ClockMode == (int)VdsoClockMode.None) return AskKernel(clock, result);
            ulong cycles = Machine.RdtscOrdered();
            nsec = ToNsec(data, cycles, basis->Nsec);
            sec = basis->Sec;
        } while (Volatile32.Read(&data->Seq) != seq);
        return Store(result, sec, nsec);
    }

    /// <summary>The same with the real page, plus the namespace's offset, which never changes once anybody can see it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ReadHresInNamespace(VdsoData* ns, int clock, Timespec* result)
    {
        VdsoData* data = (VdsoData*)((byte*)ns + RealDistance);
        VdsoTimestamp* basis = VdsoData.BaseTime(data, clock);
        uint seq;
        ulong sec, nsec;
        do
        {
            while (((seq = Volatile32.Read(&data->Seq)) & 1) != 0) Machine.Pause();
            if (data->ClockMode == (int)VdsoClockMode.None) return AskKernel(clock, result);
            ulong cycles = Machine.RdtscOrdered();
            nsec = ToNsec(data, cycles, basis->Nsec);
            sec = basis->Sec;
        } while (Volatile32.Read(&data->Seq) != seq);
        VdsoTimestamp* offset = VdsoData.BaseTime(ns, clock);
        return Store(result, sec + offset->Sec, nsec + offset->Nsec);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ReadCoarse(VdsoData* data, int clock, Timespec* result)
    {
        VdsoTimestamp* basis = VdsoData.BaseTime(data, clock);
        VdsoTimestamp* offset = null;
        uint seq;
        ulong sec, nsec;
        do
        {
            while (((seq = Volatile32.Read(&data->Seq)) & 1) != 0)
            {
                if (data->ClockMode == (int)VdsoClockMode.Timens)
                {
                    offset = basis;
                    data = Real(data);
                    basis = VdsoData.BaseTime(data, clock);
                    continue;
                }
                Machine.Pause();
            }
            sec = basis->Sec;
            nsec = basis->Nsec;
        } while (Volatile32.Read(&data->Seq) != seq);
        if (offset != null)
        {
            sec += offset->Sec;
            nsec += offset->Nsec;
        }
        return Store(result, sec, nsec);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int AskKernel(int clock, Timespec* result) => (int)SystemCall.Invoke(SysClockGettime, (ulong)clock, (ulong)result);

    /// <summary>The page with the system's data: the page itself, or in a time namespace the last of the four.</summary>
    internal static VdsoData* Real(VdsoData* data) =>
        data->ClockMode == (int)VdsoClockMode.Timens ? (VdsoData*)((byte*)data + RealDistance) : data;

    /// <summary>(delta * mult + base) >> shift. A counter seen behind the last update counts as no progress.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ToNsec(VdsoData* data, ulong cycles, ulong basis)
    {
        ulong delta = (cycles - data->CycleLast) & long.MaxValue;
        if (delta <= data->MaxCycles) return (delta * data->Mult + basis) >> data->Shift;
        return ToNsecSlow(data, delta, basis);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ToNsecSlow(VdsoData* data, ulong delta, ulong basis)
    {
        if ((delta & 1UL << 62) != 0) return basis >> data->Shift;
        ulong low = (uint)delta * (ulong)data->Mult;
        ulong high = (delta >> 32) * data->Mult + (low >> 32);
        low = high << 32 | (uint)low;
        high >>= 32;
        ulong sum = low + basis;
        if (sum < low) high++;
        return sum >> data->Shift | high << (64 - data->Shift);
    }

    /// <summary>Carries by subtraction: the base is less than a second and updates come every few milliseconds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Store(Timespec* result, ulong sec, ulong nsec)
    {
        while (nsec >= NsecPerSec)
        {
            nsec -= NsecPerSec;
            sec++;
        }
        result->Sec = (long)sec;
        result->Nsec = (long)nsec;
        return 0;
    }
}
