using System;

namespace CoSim.Os.Timekeeping;

/// <summary>Choosing among the clocksources: ratings, the user's override, unbinding, and sources that prove unstable.</summary>
internal static unsafe partial class Clocksources
{
    private static ClocksourceList* List => Text.Address(ref s_list);

    /// <summary>The registered source of that name (NUL-terminated), or null.</summary>
    internal static Clocksource* Find(byte* name)
    {
        ulong flags = s_lock.AcquireIrqSave();
        Clocksource* found = ClocksourceList.Find(List, name);
        s_lock.ReleaseIrqRestore(flags);
        return found;
    }

    /// <summary>The source that drives the clocks; null before the first selection.</summary>
    internal static Clocksource* Current => s_list.Current;

    /// <summary>The first registered source. For the watchdog, which walks the list in an interrupt: see <see cref="Lock"/>.</summary>
    internal static Clocksource* First => s_list.First;

    /// <summary>Guards the list.</summary>
    internal static SpinLock* Lock => Text.Address(ref s_lock);

    /// <summary>The best source to watch others by, or null. The caller holds <see cref="Lock"/>.</summary>
    internal static Clocksource* BestWatchdog(Clocksource* skip) => ClocksourceList.BestWatchdog(List, skip);

    /// <summary>Gives a source rating 0. The caller holds <see cref="Lock"/>, and selects afterwards.</summary>
    internal static void RateZero(Clocksource* c) => ClocksourceList.ChangeRating(List, c, 0);

    /// <summary>
    /// Marks the TSC as unusable, for a reason other than the watchdog's; the next best source takes over.
    /// </summary>
    internal static void MarkTscUnstable(ReadOnlySpan<byte> reason)
    {
        if (Tsc.Unstable) return;
        Tsc.Unstable = true;
        Log.Print("tsc: Marking TSC unstable due to %s"u8, (ulong)Text.Literal(reason));
        if (!FinishedBooting) SchedClock.DistrustEarly();
        Watchdog.MarkUnstable(TscEarly);
        Watchdog.MarkUnstable(TscClock);
    }

    /// <summary>Goes over to the best source if it is not the current one.</summary>
    /// <param name="skipCurrent">The current one is to be replaced, whatever its rating.</param>
    internal static void Select(bool skipCurrent)
    {
        ulong flags = s_lock.AcquireIrqSave();
        Clocksource* refused;
        Clocksource* best = ClocksourceList.Best(List, skipCurrent, out refused);
        bool change = best != null && best != s_list.Current;
        if (change) List->Current = best;
        s_lock.ReleaseIrqRestore(flags);
        if (refused != null) ReportRefused(refused);
        if (!change) return;
        Clocks.ChangeClocksource(best);
        Log.Print("clocksource: Switched to clocksource %s"u8, (ulong)best->Name);
    }

    private static void ReportRefused(Clocksource* c)
    {
        if ((c->Flags & ClocksourceFlags.Unstable) != 0)
            Log.Print("clocksource: Override clocksource %s is unstable and not HRT compatible - cannot switch while in HRT/NOHZ mode"u8, (ulong)c->Name);
        else Log.Print("clocksource: Override clocksource %s is not currently HRT compatible - deferring"u8, (ulong)c->Name);
    }

    /// <summary>Takes a source out, if the watchdog's duty and the clocks can do without it.</summary>
    /// <returns>0 or -EBUSY.</returns>
    internal static int Unbind(Clocksource* c)
    {
        if (Watchdog.IsWatchdog(c))
        {
            Watchdog.Choose(c);
            if (Watchdog.IsWatchdog(c)) return -Errno.EBUSY;
        }
        if (c == Current)
        {
            Select(true);
            if (c == Current) return -Errno.EBUSY;
        }
        ulong flags = s_lock.AcquireIrqSave();
        ClocksourceList.Unregister(List, c);
        s_lock.ReleaseIrqRestore(flags);
        return 0;
    }

    /// <summary>The tick is about to become one-shot: only sources good for that count from now on.</summary>
    internal static void SetOneShot() => List->OneShot = true;

    /// <summary>The current source can carry high-resolution timers.</summary>
    internal static bool CurrentValidForHres => Current != null && (Current->Flags & ClocksourceFlags.ValidForHres) != 0;

    /// <summary>Text of available_clocksource.</summary>
    internal static void FormatAvailable(TextBuffer* to)
    {
        ulong flags = s_lock.AcquireIrqSave();
        to->Length += List->FormatAvailable(to->Data + to->Length, to->Capacity - to->Length);
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Text of current_clocksource.</summary>
    internal static void FormatCurrent(TextBuffer* to)
    {
        to->PutString(Current == null ? Jiffies->Name : Current->Name);
        to->Put((byte)'\n');
    }

    /// <summary>
    /// What a write to current_clocksource does: remembers the name (without a trailing newline) and selects again. A name
    /// that is not registered is kept, and takes effect if it ever is.
    /// </summary>
    /// <returns>Bytes taken, or -EINVAL for an empty or too long name.</returns>
    internal static long SetOverride(byte* text, ulong count)
    {
        ulong flags = s_lock.AcquireIrqSave();
        long result = ClocksourceList.ParseName(text, count, List->Override);
        s_lock.ReleaseIrqRestore(flags);
        if (result >= 0) Select(false);
        return result;
    }

    /// <summary>What a write to unbind_clocksource does.</summary>
    /// <returns>Bytes taken; -EINVAL for an empty or too long name, -ENODEV for an unknown one, -EBUSY for one that cannot be spared.</returns>
    internal static long UnbindByName(byte* text, ulong count)
    {
        byte* name = stackalloc byte[ClocksourceList.NameLength + 1];
        long result = ClocksourceList.ParseName(text, count, name);
        if (result < 0) return result;
        Clocksource* c = Find(name);
        if (c == null) return -Errno.ENODEV;
        int error = Unbind(c);
        return error != 0 ? error : result;
    }
}
