namespace CoSim.Os.Timekeeping;

/// <summary>Writes the vDSO's data from the timekeeper (update_vsyscall), and the pages of time namespaces.</summary>
internal static unsafe class VdsoUpdate
{
    /// <summary>Refreshes both structures of the system page. Called inside the timekeeper's write section.</summary>
    /// <param name="page">The system's vvar page.</param>
    /// <param name="tk">State to publish.</param>
    /// <param name="hrtimerRes">Resolution to report, nanoseconds: 1 in high-resolution mode.</param>
    internal static void Publish(byte* page, TimekeeperState* tk, uint hrtimerRes)
    {
        VdsoData* hres = VdsoData.HresCoarse(page);
        VdsoData* raw = VdsoData.RawData(page);
        Volatile32.Write(&hres->Seq, hres->Seq + 1);
        Volatile32.Write(&raw->Seq, raw->Seq + 1);

        int mode = (int)tk->Mono.Clock->VdsoMode;
        hres->ClockMode = mode;
        raw->ClockMode = mode;

        VdsoTimestamp* t = VdsoData.BaseTime(hres, ClockId.RealtimeCoarse);
        t->Sec = (ulong)tk->CoarseSec;
        t->Nsec = tk->CoarseNsec;
        Store(VdsoData.BaseTime(hres, ClockId.MonotonicCoarse), tk->CoarseSec + tk->WallToMonotonic.Sec, tk->CoarseNsec + (ulong)tk->WallToMonotonic.Nsec, 0);
        hres->HrtimerRes = hrtimerRes;

        // Without a mode nobody reads the rest: the vDSO goes to the system call.
        if (mode != (int)VdsoClockMode.None) PublishHres(hres, raw, tk);

        Volatile32.Write(&raw->Seq, raw->Seq + 1);
        Volatile32.Write(&hres->Seq, hres->Seq + 1);
    }

    private static void PublishHres(VdsoData* hres, VdsoData* raw, TimekeeperState* tk)
    {
        SetClock(hres, &tk->Mono);
        SetClock(raw, &tk->Raw);
        int shift = tk->Mono.Shift;
        VdsoTimestamp* t = VdsoData.BaseTime(hres, ClockId.Realtime);
        t->Sec = (ulong)tk->XtimeSec;
        t->Nsec = tk->Mono.XtimeNsec;

        long sec = tk->XtimeSec + tk->WallToMonotonic.Sec;
        ulong nsec = tk->Mono.XtimeNsec + ((ulong)tk->WallToMonotonic.Nsec << shift);
        Store(VdsoData.BaseTime(hres, ClockId.Monotonic), sec, nsec, shift);

        Timespec boot = Timespec.FromNsec(tk->OffsBoot);
        Store(VdsoData.BaseTime(hres, ClockId.Boottime), sec + boot.Sec, nsec + ((ulong)boot.Nsec << shift), shift);

        t = VdsoData.BaseTime(hres, ClockId.Tai);
        t->Sec = (ulong)(tk->XtimeSec + tk->TaiOffset);
        t->Nsec = tk->Mono.XtimeNsec;

        t = VdsoData.BaseTime(raw, ClockId.MonotonicRaw);
        t->Sec = (ulong)tk->RawSec;
        t->Nsec = tk->Raw.XtimeNsec;
    }

    private static void SetClock(VdsoData* data, ReadBase* from)
    {
        data->CycleLast = from->CycleLast;
        data->MaxCycles = from->Clock->Conversion.MaxCycles;
        data->Mask = from->Clock->Mask;
        data->Mult = from->Mult;
        data->Shift = from->Shift;
    }

    private static void Store(VdsoTimestamp* t, long sec, ulong nsec, int shift)
    {
        ulong second = (ulong)TimeUnits.NsecPerSec << shift;
        while (nsec >= second)
        {
            nsec -= second;
            sec++;
        }
        t->Sec = (ulong)sec;
        t->Nsec = nsec;
    }

    /// <summary>The kernel's time zone, as settimeofday gives it to the vDSO.</summary>
    internal static void SetTimezone(byte* page, int minutesWest, int dstTime)
    {
        VdsoData* hres = VdsoData.HresCoarse(page);
        hres->TzMinutesWest = minutesWest;
        hres->TzDstTime = dstTime;
    }

    /// <summary>
    /// Fills the page of a time namespace: a sequence count that is odd for ever makes the vDSO look at the mode, which
    /// sends it to the real page; the offsets stand in place of the base times (time namespace reference, section 6).
    /// </summary>
    internal static void FillNamespacePage(byte* page, Timespec monotonic, Timespec boottime)
    {
        FillNamespaceData(VdsoData.HresCoarse(page), monotonic, boottime);
        FillNamespaceData(VdsoData.RawData(page), monotonic, boottime);
    }

    private static void FillNamespaceData(VdsoData* data, Timespec monotonic, Timespec boottime)
    {
        data->Seq = 1;
        data->ClockMode = (int)VdsoClockMode.Timens;
        SetOffset(data, ClockId.Monotonic, monotonic);
        SetOffset(data, ClockId.MonotonicRaw, monotonic);
        SetOffset(data, ClockId.MonotonicCoarse, monotonic);
        SetOffset(data, ClockId.Boottime, boottime);
        SetOffset(data, ClockId.BoottimeAlarm, boottime);
    }

    private static void SetOffset(VdsoData* data, int clock, Timespec offset)
    {
        VdsoTimestamp* t = VdsoData.BaseTime(data, clock);
        t->Sec = (ulong)offset.Sec;
        t->Nsec = (ulong)offset.Nsec;
    }
}
