namespace CoSim.Os.Timekeeping;

/// <summary>Conversion between the clocks of a namespace and the host's (time namespace reference, section 5).</summary>
internal static unsafe class TimensConvert
{
    /// <summary>
    /// An absolute time of <paramref name="clock"/> as the namespace sees it, as host time. A deadline before the start of
    /// the host's clock has passed already (0); one beyond the range never comes (KTIME_MAX).
    /// </summary>
    /// <param name="clock">Clock id; clocks that no namespace changes are returned as they are.</param>
    /// <param name="time">Nanoseconds, not negative.</param>
    /// <param name="offsets">Offsets of the caller's namespace.</param>
    /// <param name="wrapOnOverflow">True for kernels that let a negative offset wrap the sum (before 6.12.117).</param>
    internal static long ToHost(int clock, long time, TimensOffsets* offsets, bool wrapOnOverflow)
    {
        long offset;
        if (clock is ClockId.Monotonic or ClockId.MonotonicRaw or ClockId.MonotonicCoarse) offset = offsets->Monotonic.ToKtime();
        else if (clock is ClockId.Boottime or ClockId.BoottimeAlarm) offset = offsets->Boottime.ToKtime();
        else return time;

        if (time < offset) return 0;
        long host = unchecked(time - offset);
        if (offset < 0 && host < 0 && !wrapOnOverflow) return TimeUnits.KtimeMax;
        return host;
    }

    /// <summary>The offset that reading <paramref name="clock"/> adds; zero for clocks that no namespace changes.</summary>
    internal static Timespec OffsetFor(int clock, TimensOffsets* offsets)
    {
        if (clock is ClockId.Monotonic or ClockId.MonotonicRaw or ClockId.MonotonicCoarse) return offsets->Monotonic;
        if (clock is ClockId.Boottime or ClockId.BoottimeAlarm) return offsets->Boottime;
        return default;
    }
}
