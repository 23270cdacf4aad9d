using System;
using System.Runtime.CompilerServices;

namespace CoSim.Os.Timekeeping;

/// <summary>The machine's clocksources and the selection among them (timekeeping reference, section 1).</summary>
internal static unsafe partial class Clocksources
{
    private static Clocksource s_jiffies, s_refinedJiffies, s_tscEarly, s_tsc, s_hpet, s_pmTimer;
    private static ClocksourceList s_list;
    private static SpinLock s_lock;

    [InlineArray(ClocksourceList.NameLength + 1)]
    private struct NameBytes { private byte _first; }

    private static NameBytes s_override;

    /// <summary>The early TSC has agreed with a second clock, so that it may carry high-resolution timers.</summary>
    internal static bool TscVerified;

    /// <summary>The tick count, clock of last resort; also usable before anything is calibrated.</summary>
    internal static Clocksource* Jiffies => Text.Address(ref s_jiffies);

    internal static Clocksource* TscClock => Text.Address(ref s_tsc);

    internal static Clocksource* TscEarly => Text.Address(ref s_tscEarly);

    private static ulong ReadJiffies() => Tick.Jiffies;

    /// <summary>Fills in the clock that time starts with. Nothing is registered yet.</summary>
    internal static void InitialiseJiffies()
    {
        ClocksourceList* list = Text.Address(ref s_list);
        list->Override = (byte*)Text.Address(ref s_override);
        Clocksource* j = Jiffies;
        Describe(j, Text.Literal("jiffies"u8), uint.MaxValue, 1, ClocksourceFlags.None, VdsoClockMode.None, &ReadJiffies);
        j->SetFixed((uint)TimeUnits.TickNsec << 8, 8);
    }

    /// <summary>Registers what was found and calibrated. The TSC comes in its early form, until it is refined.</summary>
    internal static void RegisterFound()
    {
        Clocksource* refined = Text.Address(ref s_refinedJiffies);
        Describe(refined, Text.Literal("refined-jiffies"u8), uint.MaxValue, 2, ClocksourceFlags.None, VdsoClockMode.None, &ReadJiffies);
        refined->SetFixed(RefinedJiffiesMult(), 8);
        Register(refined);
        if (Hpet.Present)
        {
            Clocksource* hpet = Text.Address(ref s_hpet);
            Describe(hpet, Text.Literal("hpet"u8), uint.MaxValue, 250,
                ClocksourceFlags.IsContinuous | ClocksourceFlags.ValidForHres, VdsoClockMode.None, &Hpet.Read);
            hpet->SetFrequency(Hpet.Frequency, 1);
            Register(hpet);
        }
        if (Tsc.Khz != 0 && !Tsc.Unstable)
        {
            Clocksource* early = TscEarly;
            Describe(early, Text.Literal("tsc-early"u8), ulong.MaxValue, 299,
                ClocksourceFlags.IsContinuous | ClocksourceFlags.MustVerify, VdsoClockMode.Tsc, &Tsc.ReadOrdered);
            if (WatchdogRules.ReadsTwice) early->UncertaintyMarginNsec = 32 * (uint)TimeUnits.NsecPerMsec;
            early->SetFrequency(Tsc.Khz, 1000);
            if (TscVerified) early->Flags |= ClocksourceFlags.ValidForHres;
            TrustIfAsked(early);
            Register(early);
        }
        Register(Jiffies);
        if (PmTimer.Present)
        {
            Clocksource* pm = Text.Address(ref s_pmTimer);
            Describe(pm, Text.Literal("acpi_pm"u8), PmTimer.Mask, 200,
                ClocksourceFlags.IsContinuous | ClocksourceFlags.ValidForHres, VdsoClockMode.None, &PmTimer.Read);
            pm->SetFrequency(PmTimer.Hz, 1);
            Register(pm);
        }
    }

    /// <summary>The real TSC clock takes the place of the early one.</summary>
    internal static void RegisterRefinedTsc()
    {
        Clocksource* tsc = TscClock;
        Describe(tsc, Text.Literal("tsc"u8), ulong.MaxValue, 300,
            ClocksourceFlags.IsContinuous | ClocksourceFlags.ValidForHres | ClocksourceFlags.MustVerify | ClocksourceFlags.VerifyPerCpu,
            VdsoClockMode.Tsc, &Tsc.ReadOrdered);
        tsc->SetFrequency(Tsc.Khz, 1000);
        TrustIfAsked(tsc);
        Register(tsc);
        Unregister(TscEarly);
    }

    /// <summary>The early TSC goes without a successor.</summary>
    internal static void DropEarlyTsc() => Unregister(TscEarly);

    /// <summary>tsc=reliable and tsc=nowatchdog: nobody watches it.</summary>
    private static void TrustIfAsked(Clocksource* tsc)
    {
        if (!TimeOptions.TscReliable && !TimeOptions.NoTscWatchdog) return;
        tsc->Flags = (tsc->Flags & ~ClocksourceFlags.MustVerify) | ClocksourceFlags.ValidForHres;
    }

    /// <summary>
    /// A tick of jiffies measured in counts of the 8254: HZ does not divide its frequency, so a tick is not quite 1/HZ.
    /// </summary>
    internal static uint RefinedJiffiesMult()
    {
        ulong counts = (Pit.Hz + TimeUnits.Hz / 2) / TimeUnits.Hz;
        ulong ticksPerSec = (((ulong)Pit.Hz << 8) + counts / 2) / counts;
        ulong nsec = (((ulong)TimeUnits.NsecPerSec << 8) + ticksPerSec / 2) / ticksPerSec;
        return (uint)nsec << 8;
    }

    private static void Describe(Clocksource* c, byte* name, ulong mask, int rating, ClocksourceFlags flags, VdsoClockMode mode, delegate*<ulong> read)
    {
        c->Name = name;
        c->Mask = mask;
        c->Rating = rating;
        c->Flags = flags;
        c->VdsoMode = mode;
        c->Read = read;
    }

    private static void Register(Clocksource* c)
    {
        Log.Print("clocksource: %s: mask: 0x%llx max_cycles: 0x%llx, max_idle_ns: %lld ns"u8,
            (ulong)c->Name, c->Mask, c->Conversion.MaxCycles, (ulong)c->Conversion.MaxIdleNsec);
        ulong flags = s_lock.AcquireIrqSave();
        ClocksourceList.Register(List, c);
        s_lock.ReleaseIrqRestore(flags);
        Select(false);
        Watchdog.Choose(null);
    }

    private static void Unregister(Clocksource* c)
    {
        if (Find(c->Name) == c) Unbind(c);
    }

    /// <summary>Boot has registered what there is: from now on the best source drives the clocks.</summary>
    internal static void FinishBooting()
    {
        ulong flags = s_lock.AcquireIrqSave();
        List->FinishedBooting = true;
        s_lock.ReleaseIrqRestore(flags);
        Watchdog.Demote();
        Select(false);
    }

    /// <summary>Boot is over, so that an unstable source can be replaced at once.</summary>
    internal static bool FinishedBooting => List->FinishedBooting;
}
