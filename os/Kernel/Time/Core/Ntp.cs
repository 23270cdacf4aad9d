using System;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The NTP clock discipline: how long a tick must be so that the wall clock follows what adjtimex asked for, and the
/// leap second. Behaviour: timekeeping reference, section 4; RFC 1589 for the loop.
/// </summary>
internal unsafe struct Ntp
{
    /// <summary>Microseconds per USER_HZ tick, 10000 nominal.</summary>
    internal long TickUsec;

    /// <summary>Length of the tick now, ns * 2^32.</summary>
    internal ulong TickLength;

    /// <summary>Length of the tick without phase corrections, ns * 2^32.</summary>
    internal ulong TickLengthBase;

    /// <summary>Phase still to be corrected, ns * 2^32 per tick of one second.</summary>
    internal long TimeOffset;
    internal long TimeConstant;
    internal long MaxErrorUsec;
    internal long EstErrorUsec;

    /// <summary>Frequency correction, ns/s * 2^32.</summary>
    internal long TimeFreq;

    /// <summary>Wall clock second of the last offset update.</summary>
    internal long RefTimeSec;

    /// <summary>What adjtime has still to slew, in microseconds.</summary>
    internal long TimeAdjustUsec;
    internal long NextLeapSec;
    internal NtpStatus Status;
    internal NtpState State;

    internal static void Initialise(Ntp* ntp)
    {
        *ntp = default;
        ntp->TickUsec = NtpConst.UserTickUsec;
        ntp->TimeConstant = 2;
        Clear(ntp);
    }

    /// <summary>Forgets the discipline, as every step of the clock does.</summary>
    internal static void Clear(Ntp* ntp)
    {
        ntp->TimeAdjustUsec = 0;
        ntp->Status |= NtpStatus.Unsync;
        ntp->MaxErrorUsec = NtpConst.PhaseLimit;
        ntp->EstErrorUsec = NtpConst.PhaseLimit;
        UpdateFrequency(ntp);
        ntp->TickLength = ntp->TickLengthBase;
        ntp->TimeOffset = 0;
        ntp->NextLeapSec = NtpConst.NoLeap;
        if (ntp->State is NtpState.Ins or NtpState.Del) ntp->State = NtpState.Ok;
    }

    /// <summary>Recomputes the tick length from tick and frequency; a change takes effect at once.</summary>
    internal static void UpdateFrequency(Ntp* ntp)
    {
        long second = (ntp->TickUsec * TimeUnits.NsecPerUsec * TimeUnits.UserHz) << NtpConst.ScaleShift;
        second += ntp->TimeFreq;
        ulong tick = (ulong)second / TimeUnits.Hz;
        ntp->TickLength += tick - ntp->TickLengthBase;
        ntp->TickLengthBase = tick;
    }

    /// <summary>Second in which the next leap second takes effect, NoLeap when none is armed and inserting.</summary>
    internal static long NextLeap(Ntp* ntp) =>
        ntp->State == NtpState.Ins && (ntp->Status & NtpStatus.Ins) != 0 ? ntp->NextLeapSec : NtpConst.NoLeap;

    /// <summary>Called at each new second of the wall clock.</summary>
    /// <param name="ntp">The discipline.</param>
    /// <param name="secs">The second that begins.</param>
    /// <returns>By how much to step the wall clock: -1 (23:59:60 is inserted), 1 (23:59:59 is deleted) or 0.</returns>
    internal static int SecondOverflow(Ntp* ntp, long secs)
    {
        int leap = AdvanceLeapState(ntp, secs);

        ntp->MaxErrorUsec += NtpConst.MaxFreq / TimeUnits.NsecPerUsec;
        if (ntp->MaxErrorUsec > NtpConst.PhaseLimit)
        {
            ntp->MaxErrorUsec = NtpConst.PhaseLimit;
            ntp->Status |= NtpStatus.Unsync;
        }

        long chunk = ShiftTowardsZero(ntp->TimeOffset, NtpConst.ShiftPll + (int)ntp->TimeConstant);
        ntp->TimeOffset -= chunk;
        ntp->TickLength = ntp->TickLengthBase + (ulong)chunk;

        if (ntp->TimeAdjustUsec > NtpConst.MaxTickAdjUsec)
        {
            ntp->TimeAdjustUsec -= NtpConst.MaxTickAdjUsec;
            ntp->TickLength += (ulong)NtpConst.MaxTickAdjScaled;
        }
        else if (ntp->TimeAdjustUsec < -NtpConst.MaxTickAdjUsec)
        {
            ntp->TimeAdjustUsec += NtpConst.MaxTickAdjUsec;
            ntp->TickLength -= (ulong)NtpConst.MaxTickAdjScaled;
        }
        else if (ntp->TimeAdjustUsec != 0)
        {
            ntp->TickLength += (ulong)((ntp->TimeAdjustUsec * TimeUnits.NsecPerUsec / TimeUnits.Hz) << NtpConst.ScaleShift);
            ntp->TimeAdjustUsec = 0;
        }
        return leap;
    }

    private static int AdvanceLeapState(Ntp* ntp, long secs)
    {
        switch (ntp->State)
        {
            case NtpState.Ok:
                if ((ntp->Status & NtpStatus.Ins) != 0)
                {
                    ntp->State = NtpState.Ins;
                    ntp->NextLeapSec = secs + NtpConst.SecPerDay - secs % NtpConst.SecPerDay;
                }
                else if ((ntp->Status & NtpStatus.Del) != 0)
                {
                    ntp->State = NtpState.Del;
                    ntp->NextLeapSec = secs + NtpConst.SecPerDay - (secs + 1) % NtpConst.SecPerDay;
                }
                return 0;
            case NtpState.Ins:
                if ((ntp->Status & NtpStatus.Ins) == 0)
                {
                    ntp->NextLeapSec = NtpConst.NoLeap;
                    ntp->State = NtpState.Ok;
                }
                else if (secs == ntp->NextLeapSec)
                {
                    ntp->State = NtpState.Oop;
                    return -1;
                }
                return 0;
            case NtpState.Del:
                if ((ntp->Status & NtpStatus.Del) == 0)
                {
                    ntp->NextLeapSec = NtpConst.NoLeap;
                    ntp->State = NtpState.Ok;
                }
                else if (secs == ntp->NextLeapSec)
                {
                    ntp->NextLeapSec = NtpConst.NoLeap;
                    ntp->State = NtpState.Wait;
                    return 1;
                }
                return 0;
            case NtpState.Oop:
                ntp->NextLeapSec = NtpConst.NoLeap;
                ntp->State = NtpState.Wait;
                return 0;
            default:
                if ((ntp->Status & (NtpStatus.Ins | NtpStatus.Del)) == 0) ntp->State = NtpState.Ok;
                return 0;
        }
    }

    /// <summary>Division by a power of two that rounds towards zero, so that corrections are symmetric.</summary>
    internal static long ShiftTowardsZero(long value, int shift) => value < 0 ? -(-value >> shift) : value >> shift;
}
