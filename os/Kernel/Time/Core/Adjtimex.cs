using System.Runtime.InteropServices;

namespace CoSim.Os.Timekeeping;

/// <summary>struct timex of the x86-64 ABI, 208 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 208)]
internal struct Timex
{
    [FieldOffset(0)] internal AdjModes Modes;
    [FieldOffset(8)] internal long Offset;
    [FieldOffset(16)] internal long Freq;
    [FieldOffset(24)] internal long MaxError;
    [FieldOffset(32)] internal long EstError;
    [FieldOffset(40)] internal int Status;
    [FieldOffset(48)] internal long Constant;
    [FieldOffset(56)] internal long Precision;
    [FieldOffset(64)] internal long Tolerance;
    [FieldOffset(72)] internal long TimeSec;
    [FieldOffset(80)] internal long TimeUsec;
    [FieldOffset(88)] internal long Tick;
    [FieldOffset(160)] internal int Tai;
}

/// <summary>adjtimex on an <see cref="Ntp"/>: checks, changes and read-out (man adjtimex; timekeeping reference, section 4).</summary>
internal static unsafe class Adjtimex
{
    /// <summary>Checks a request before anything is changed.</summary>
    /// <returns>0, -EPERM or -EINVAL.</returns>
    internal static int Validate(Timex* txc, bool maySetTime)
    {
        AdjModes modes = txc->Modes;
        if ((modes & AdjModes.AdjTime) != 0)
        {
            if ((modes & AdjModes.OffsetSingleshot) != AdjModes.OffsetSingleshot) return -Errno.EINVAL;
            if ((modes & AdjModes.OffsetReadOnly) == 0 && !maySetTime) return -Errno.EPERM;
        }
        else
        {
            if (modes != 0 && !maySetTime) return -Errno.EPERM;
            // 10 percent either way of the nominal tick.
            if ((modes & AdjModes.Tick) != 0 && (txc->Tick < 900000 / TimeUnits.UserHz || txc->Tick > 1100000 / TimeUnits.UserHz))
                return -Errno.EINVAL;
        }
        if ((modes & AdjModes.SetOffset) != 0)
        {
            if (!maySetTime) return -Errno.EPERM;
            long limit = (modes & AdjModes.Nano) != 0 ? TimeUnits.NsecPerSec : TimeUnits.UsecPerSec;
            if (txc->TimeUsec < 0 || txc->TimeUsec >= limit) return -Errno.EINVAL;
        }
        if ((modes & AdjModes.Frequency) != 0
            && (txc->Freq > long.MaxValue / NtpConst.PpmScale || txc->Freq < long.MinValue / NtpConst.PpmScale)) return -Errno.EINVAL;
        return 0;
    }

    /// <summary>Applies a validated request and fills in the answer. The caller holds the timekeeper.</summary>
    /// <param name="ntp">The discipline.</param>
    /// <param name="txc">Request and answer.</param>
    /// <param name="now">Wall clock time.</param>
    /// <param name="tai">TAI - UTC in seconds; may be changed.</param>
    /// <returns>The clock state (TIME_OK ... TIME_ERROR).</returns>
    internal static int Apply(Ntp* ntp, Timex* txc, Timespec now, int* tai)
    {
        if ((txc->Modes & AdjModes.AdjTime) != 0)
        {
            long before = ntp->TimeAdjustUsec;
            if ((txc->Modes & AdjModes.OffsetReadOnly) == 0)
            {
                ntp->TimeAdjustUsec = txc->Offset;
                Ntp.UpdateFrequency(ntp);
            }
            txc->Offset = before;
        }
        else
        {
            if (txc->Modes != 0) Change(ntp, txc, now.Sec, tai);
            txc->Offset = Ntp.ShiftTowardsZero(ntp->TimeOffset * TimeUnits.Hz, NtpConst.ScaleShift);
            if ((ntp->Status & NtpStatus.Nano) == 0) txc->Offset /= TimeUnits.NsecPerUsec;
        }

        NtpState result = InError(ntp->Status) ? NtpState.Error : ntp->State;
        txc->Freq = Ntp.ShiftTowardsZero(
            (ntp->TimeFreq >> NtpConst.PpmScaleInverseShift) * NtpConst.PpmScaleInverse, NtpConst.ScaleShift);
        txc->MaxError = ntp->MaxErrorUsec;
        txc->EstError = ntp->EstErrorUsec;
        txc->Status = (int)ntp->Status;
        txc->Constant = ntp->TimeConstant;
        txc->Precision = 1;
        txc->Tolerance = NtpConst.MaxFreqScaled / NtpConst.PpmScale;
        txc->Tick = ntp->TickUsec;
        txc->Tai = *tai;
        txc->TimeSec = now.Sec;
        txc->TimeUsec = (ntp->Status & NtpStatus.Nano) != 0 ? now.Nsec : now.Nsec / TimeUnits.NsecPerUsec;
        if (now.Sec >= ntp->NextLeapSec) result = ShowLeap(ntp, txc, now.Sec, result);
        return (int)result;
    }

    // The second has come but the tick that handles it has not: show the state it is going to make.
    private static NtpState ShowLeap(Ntp* ntp, Timex* txc, long sec, NtpState result)
    {
        if (ntp->State == NtpState.Ins && (ntp->Status & NtpStatus.Ins) != 0)
        {
            result = NtpState.Oop;
            txc->Tai++;
            txc->TimeSec--;
        }
        if (ntp->State == NtpState.Del && (ntp->Status & NtpStatus.Del) != 0)
        {
            result = NtpState.Wait;
            txc->Tai--;
            txc->TimeSec++;
        }
        if (ntp->State == NtpState.Oop && sec == ntp->NextLeapSec) result = NtpState.Wait;
        return result;
    }

    // Without CONFIG_NTP_PPS, which a kernel that stops its tick cannot have, the bits of pulses per second say nothing about the clock.
    private static bool InError(NtpStatus status) => (status & (NtpStatus.Unsync | NtpStatus.ClockErr)) != 0;

    private static void Change(Ntp* ntp, Timex* txc, long now, int* tai)
    {
        AdjModes modes = txc->Modes;
        if ((modes & AdjModes.Status) != 0) ChangeStatus(ntp, (NtpStatus)txc->Status, now);
        if ((modes & AdjModes.Nano) != 0) ntp->Status |= NtpStatus.Nano;
        if ((modes & AdjModes.Micro) != 0) ntp->Status &= ~NtpStatus.Nano;
        if ((modes & AdjModes.Frequency) != 0)
            ntp->TimeFreq = Clamp(txc->Freq * NtpConst.PpmScale, NtpConst.MaxFreqScaled);
        if ((modes & AdjModes.MaxError) != 0) ntp->MaxErrorUsec = txc->MaxError;
        if ((modes & AdjModes.EstError) != 0) ntp->EstErrorUsec = txc->EstError;
        if ((modes & AdjModes.TimeConst) != 0)
        {
            long constant = txc->Constant < 0 ? 0 : txc->Constant > NtpConst.MaxTimeConst ? NtpConst.MaxTimeConst : txc->Constant;
            // A microsecond client counts in units 16 times coarser.
            if ((ntp->Status & NtpStatus.Nano) == 0) constant += 4;
            ntp->TimeConstant = constant > NtpConst.MaxTimeConst ? NtpConst.MaxTimeConst : constant;
        }
        if ((modes & AdjModes.Tai) != 0 && txc->Constant >= 0 && txc->Constant <= 100000) *tai = (int)txc->Constant;
        if ((modes & AdjModes.Offset) != 0) UpdateOffset(ntp, txc->Offset, now);
        if ((modes & AdjModes.Tick) != 0) ntp->TickUsec = txc->Tick;
        if ((modes & (AdjModes.Tick | AdjModes.Frequency | AdjModes.Offset)) != 0) Ntp.UpdateFrequency(ntp);
    }

    private static void ChangeStatus(Ntp* ntp, NtpStatus status, long now)
    {
        if ((ntp->Status & NtpStatus.Pll) != 0 && (status & NtpStatus.Pll) == 0)
        {
            ntp->State = NtpState.Ok;
            ntp->Status = NtpStatus.Unsync;
            ntp->NextLeapSec = NtpConst.NoLeap;
        }
        if ((ntp->Status & NtpStatus.Pll) == 0 && (status & NtpStatus.Pll) != 0) ntp->RefTimeSec = now;
        ntp->Status = (ntp->Status & NtpStatus.ReadOnly) | (status & ~NtpStatus.ReadOnly);
    }

    private static void UpdateOffset(Ntp* ntp, long offset, long now)
    {
        if ((ntp->Status & NtpStatus.Pll) == 0) return;
        if ((ntp->Status & NtpStatus.Nano) == 0) offset = Clamp(offset, TimeUnits.UsecPerSec) * TimeUnits.NsecPerUsec;
        offset = Clamp(offset, NtpConst.MaxPhase);

        long elapsed = (ntp->Status & NtpStatus.FreqHold) != 0 ? 0 : now - ntp->RefTimeSec;
        ntp->RefTimeSec = now;

        long frequency = FrequencyLocked(ntp, offset, elapsed);
        long longest = 1L << (NtpConst.ShiftPll + 1 + (int)ntp->TimeConstant);
        if (elapsed > longest) elapsed = longest;
        frequency += (offset * elapsed) << (NtpConst.ScaleShift - 2 * (NtpConst.ShiftPll + 2 + (int)ntp->TimeConstant));
        ntp->TimeFreq = Clamp(frequency + ntp->TimeFreq, NtpConst.MaxFreqScaled);
        ntp->TimeOffset = (offset << NtpConst.ScaleShift) / TimeUnits.Hz;
    }

    private static long FrequencyLocked(Ntp* ntp, long offset, long elapsed)
    {
        ntp->Status &= ~NtpStatus.Mode;
        if (elapsed < NtpConst.MinSec) return 0;
        if ((ntp->Status & NtpStatus.Fll) == 0 && elapsed <= NtpConst.MaxSec) return 0;
        ntp->Status |= NtpStatus.Mode;
        return (offset << (NtpConst.ScaleShift - NtpConst.ShiftFll)) / elapsed;
    }

    private static long Clamp(long value, long limit) => value > limit ? limit : value < -limit ? -limit : value;
}
