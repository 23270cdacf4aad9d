using System;
using System.Runtime.CompilerServices;

namespace CoSim.Os.Timekeeping;

/// <summary>The machine's clocksources and the selection among them (timekeeping reference, section 1).</summary>
internal static unsafe class Clocksources
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
            early->UncertaintyMarginNsec = 32 * (uint)TimeUnits.NsecPerMsec;
            early->SetFrequency(Tsc.Khz, 1000);
            if (TscVerified) early->Flags |= ClocksourceFlags.ValidForHres;
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
        Register(tsc);
        Select();
        Unregister(TscEarly);
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
        ClocksourceList.Register(Text.Address(ref s_list), c);
        s_lock.ReleaseIrqRestore(flags);
        Select();
    }

    private static void Unregister(Clocksource* c)
    {
        ulong flags = s_lock.AcquireIrqSave();
        ClocksourceList.Unregister(Text.Address(ref s_list), c);
        s_lock.ReleaseIrqRestore(flags);
        Select();
    }

    /// <summary>Boot has registered what there is: from now on the best source drives the clocks.</summary>
    internal static void FinishBooting()
    {
        Text.Address(ref s_list)->FinishedBooting = true;
        Select();
    }

    /// <summary>Best source that can watch others: continuous, and itself in no need of verification. Null when there is none.</summary>
    internal static Clocksource* BestWatchdog()
    {
        for (Clocksource* c = s_list.First; c != null; c = c->Next)
        {
            if ((c->Flags & (ClocksourceFlags.IsContinuous | ClocksourceFlags.MustVerify)) == ClocksourceFlags.IsContinuous) return c;
        }
        return null;
    }

    /// <summary>The TSC's registered form, or null.</summary>
    internal static Clocksource* RegisteredTsc()
    {
        ClocksourceList* list = Text.Address(ref s_list);
        if (ClocksourceList.IsRegistered(list, TscClock)) return TscClock;
        return ClocksourceList.IsRegistered(list, TscEarly) ? TscEarly : null;
    }

    /// <summary>True for the source that drives the clocks.</summary>
    internal static bool IsCurrent(Clocksource* c) => s_list.Current == c;

    /// <summary>Marks the TSC as unusable; the next best source takes over.</summary>
    internal static void MarkTscUnstable(ReadOnlySpan<byte> reason)
    {
        if (Tsc.Unstable) return;
        Tsc.Unstable = true;
        Log.Print("tsc: Marking TSC unstable due to %s"u8, (ulong)Text.Literal(reason));
        ulong flags = s_lock.AcquireIrqSave();
        ClocksourceList* list = Text.Address(ref s_list);
        Clocksource* c = ClocksourceList.IsRegistered(list, TscClock) ? TscClock : TscEarly;
        c->Flags |= ClocksourceFlags.Unstable;
        c->Flags &= ~ClocksourceFlags.ValidForHres;
        if (ClocksourceList.IsRegistered(list, c)) ClocksourceList.ChangeRating(list, c, 0);
        s_lock.ReleaseIrqRestore(flags);
        Select();
    }

    /// <summary>Goes over to the best source if it is not the current one.</summary>
    private static void Select()
    {
        ulong flags = s_lock.AcquireIrqSave();
        ClocksourceList* list = Text.Address(ref s_list);
        Clocksource* best = list->Best();
        bool change = best != null && best != list->Current;
        if (change) list->Current = best;
        s_lock.ReleaseIrqRestore(flags);
        if (!change) return;
        Clocks.ChangeClocksource(best);
        Log.Print("clocksource: Switched to clocksource %s"u8, (ulong)best->Name);
    }

    /// <summary>The tick is about to become one-shot: only sources good for that count from now on.</summary>
    internal static void SetOneShot() => Text.Address(ref s_list)->OneShot = true;

    /// <summary>The current source can carry high-resolution timers.</summary>
    internal static bool CurrentValidForHres => s_list.Current != null && (s_list.Current->Flags & ClocksourceFlags.ValidForHres) != 0;

    /// <summary>Text of available_clocksource.</summary>
    internal static void FormatAvailable(TextBuffer* to)
    {
        ulong flags = s_lock.AcquireIrqSave();
        to->Length += Text.Address(ref s_list)->FormatAvailable(to->Data + to->Length, to->Capacity - to->Length);
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Text of current_clocksource.</summary>
    internal static void FormatCurrent(TextBuffer* to)
    {
        Clocksource* current = s_list.Current;
        to->PutString(current == null ? Jiffies->Name : current->Name);
        to->Put((byte)'\n');
    }

    /// <summary>
    /// What a write to current_clocksource does: remembers the name (without a trailing newline) and selects again. A name
    /// that is not registered is kept, and takes effect if it ever is.
    /// </summary>
    /// <returns>Bytes taken, or -EINVAL for an empty or too long name.</returns>
    internal static long SetOverride(byte* text, ulong count)
    {
        if (count == 0 || count > ClocksourceList.NameLength) return -Errno.EINVAL;
        byte* name = Text.Address(ref s_list)->Override;
        ulong flags = s_lock.AcquireIrqSave();
        int length = (int)count;
        if (text[length - 1] == '\n') length--;
        for (int i = 0; i < length; i++) name[i] = text[i];
        name[length] = 0;
        s_lock.ReleaseIrqRestore(flags);
        Select();
        return (long)count;
    }
}
