using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CoSim.Os.Timekeeping;

/// <summary>Clock ids of clock_gettime(2).</summary>
internal static class ClockId
{
    internal const int Realtime = 0;
    internal const int Monotonic = 1;
    internal const int ProcessCpuTime = 2;
    internal const int ThreadCpuTime = 3;
    internal const int MonotonicRaw = 4;
    internal const int RealtimeCoarse = 5;
    internal const int MonotonicCoarse = 6;
    internal const int Boottime = 7;
    internal const int RealtimeAlarm = 8;
    internal const int BoottimeAlarm = 9;
    internal const int Tai = 11;

    /// <summary>Ids of the vDSO's base times: 0 to 11.</summary>
    internal const int VdsoCount = 12;
}

/// <summary>How the vDSO may read a clocksource (VDSO_CLOCKMODE_*).</summary>
internal enum VdsoClockMode
{
    /// <summary>Not readable from user space: the vDSO falls back to the system call.</summary>
    None = 0,

    /// <summary>By RDTSC.</summary>
    Tsc = 1,

    /// <summary>Marks the page of a time namespace: the real data is on the next time page.</summary>
    Timens = int.MaxValue,
}

/// <summary>A base time of the vDSO: seconds, and nanoseconds shifted left by the clock's shift (coarse clocks: not shifted).</summary>
internal struct VdsoTimestamp
{
    internal ulong Sec;
    internal ulong Nsec;
}

/// <summary>
/// The time data that the kernel shares with the vDSO, laid out as Linux does (vdso_data with overflow protection,
/// timekeeping reference, section 5). Two follow each other at byte 128 of the page: HRES_COARSE, then RAW.
/// In the page of a time namespace the base times are that namespace's offsets instead.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct VdsoData
{
    /// <summary>Size of one structure.</summary>
    internal const int Bytes = 248;

    /// <summary>Where the first structure starts in its page.</summary>
    internal const int PageOffset = 128;

    /// <summary>Twelve base times start here. Address arithmetic, because the address of a field costs a null check.</summary>
    private const int BaseTimeOffset = 40;

    /// <summary>Sequence count, odd during an update; 1 for ever in the page of a time namespace.</summary>
    [FieldOffset(0)] internal uint Seq;
    [FieldOffset(4)] internal int ClockMode;
    [FieldOffset(8)] internal ulong CycleLast;
    [FieldOffset(16)] internal ulong MaxCycles;
    [FieldOffset(24)] internal ulong Mask;
    [FieldOffset(32)] internal uint Mult;
    [FieldOffset(36)] internal int Shift;
    [FieldOffset(232)] internal int TzMinutesWest;
    [FieldOffset(236)] internal int TzDstTime;
    [FieldOffset(240)] internal uint HrtimerRes;

    /// <summary>The first structure of the page at <paramref name="page"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static VdsoData* HresCoarse(byte* page) => (VdsoData*)(page + PageOffset);

    /// <summary>The second structure of the page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static VdsoData* RawData(byte* page) => (VdsoData*)(page + PageOffset + Bytes);

    /// <summary>Base time, or offset, of a clock below <see cref="ClockId.VdsoCount"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static VdsoTimestamp* BaseTime(VdsoData* data, int clock) => (VdsoTimestamp*)((byte*)data + BaseTimeOffset) + clock;
}
