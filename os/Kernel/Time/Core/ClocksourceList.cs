using System;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// The registered clocksources, best rating first, and which of them drives the timekeeper. Selection: the user's choice
/// if it is registered and usable, else the highest rating; while the tick is one-shot only sources valid for high
/// resolution count (timekeeping reference, section 1). The caller serialises.
/// </summary>
internal unsafe struct ClocksourceList
{
    /// <summary>Longest name the user may write, without the NUL (CS_NAME_LEN is 32 with it).</summary>
    internal const int NameLength = 31;

    internal Clocksource* First;
    internal Clocksource* Current;

    /// <summary>Set once the boot has registered what it has; nothing is selected before (clocksource_done_booting).</summary>
    internal bool FinishedBooting;

    /// <summary>The tick has switched to one-shot mode, so the clock must be valid for high resolution.</summary>
    internal bool OneShot;

    /// <summary>NUL-terminated name that the user asked for; empty for none. In the caller's static memory.</summary>
    internal byte* Override;

    /// <summary>Adds a source in rating order; among equal ratings the earlier stays first.</summary>
    internal static void Register(ClocksourceList* list, Clocksource* source)
    {
        Clocksource** link = &list->First;
        while (*link != null && (*link)->Rating >= source->Rating) link = &(*link)->Next;
        source->Next = *link;
        *link = source;
    }

    /// <summary>Removes a source; the caller selects again if it was the current one.</summary>
    internal static void Unregister(ClocksourceList* list, Clocksource* source)
    {
        for (Clocksource** link = &list->First; *link != null; link = &(*link)->Next)
        {
            if (*link != source) continue;
            *link = source->Next;
            source->Next = null;
            return;
        }
    }

    /// <summary>Gives a source another rating and its new place.</summary>
    internal static void ChangeRating(ClocksourceList* list, Clocksource* source, int rating)
    {
        Unregister(list, source);
        source->Rating = rating;
        Register(list, source);
    }

    /// <summary>The source that should drive the timekeeper now, or null while the boot is not finished or there is none.</summary>
    /// <param name="list">The list; an override that has proved unusable is forgotten.</param>
    /// <param name="skipCurrent">Look for a replacement of the current one.</param>
    /// <param name="refused">The override that cannot be taken now, or null.</param>
    internal static Clocksource* Best(ClocksourceList* list, bool skipCurrent, out Clocksource* refused)
    {
        refused = null;
        Clocksource* skip = skipCurrent ? list->Current : null;
        if (!list->FinishedBooting) return null;
        Clocksource* best = null;
        for (Clocksource* s = list->First; s != null && best == null; s = s->Next)
        {
            if (s != skip && list->Usable(s)) best = s;
        }
        if (best == null || list->Override == null || *list->Override == 0) return best;
        Clocksource* wanted = Find(list, list->Override);
        if (wanted == null || wanted == skip) return best;
        if (list->Usable(wanted)) return wanted;
        refused = wanted;
        // What is only unverified may yet turn out well; what has proved unstable will not.
        if ((wanted->Flags & ClocksourceFlags.Unstable) != 0) *list->Override = 0;
        return best;
    }

    /// <summary>The registered source of that name (NUL-terminated), or null.</summary>
    internal static Clocksource* Find(ClocksourceList* list, byte* name)
    {
        for (Clocksource* s = list->First; s != null; s = s->Next)
        {
            if (NameEquals(s->Name, name)) return s;
        }
        return null;
    }

    /// <summary>The best source to watch others by: one that needs no verification itself. Null when there is none.</summary>
    /// <param name="list">The list.</param>
    /// <param name="skip">A source that is on its way out, or null.</param>
    internal static Clocksource* BestWatchdog(ClocksourceList* list, Clocksource* skip)
    {
        for (Clocksource* s = list->First; s != null; s = s->Next)
        {
            if (s != skip && (s->Flags & ClocksourceFlags.MustVerify) == 0) return s;
        }
        return null;
    }

    /// <summary>Takes a name from what a user wrote: without a trailing newline, NUL-terminated.</summary>
    /// <param name="text">The bytes.</param>
    /// <param name="count">How many.</param>
    /// <param name="name">Room for <see cref="NameLength"/> + 1 bytes.</param>
    /// <returns><paramref name="count"/>, or -EINVAL when empty or too long; nothing is written then.</returns>
    internal static long ParseName(byte* text, ulong count, byte* name)
    {
        if (count == 0 || count > NameLength) return -Errno.EINVAL;
        int length = (int)count;
        if (text[length - 1] == '\n') length--;
        for (int i = 0; i < length; i++) name[i] = text[i];
        name[length] = 0;
        return (long)count;
    }

    /// <summary>True when a source is in the list.</summary>
    internal static bool IsRegistered(ClocksourceList* list, Clocksource* source)
    {
        for (Clocksource* s = list->First; s != null; s = s->Next)
        {
            if (s == source) return true;
        }
        return false;
    }

    /// <summary>
    /// Text of available_clocksource: names best first, each followed by a blank, then a newline. In one-shot mode only
    /// sources valid for high resolution are listed.
    /// </summary>
    /// <returns>Bytes written; never more than <paramref name="capacity"/>.</returns>
    internal readonly int FormatAvailable(byte* buffer, int capacity)
    {
        int length = 0;
        for (Clocksource* s = First; s != null; s = s->Next)
        {
            if (!Usable(s)) continue;
            for (byte* p = s->Name; *p != 0 && length < capacity - 2; p++) buffer[length++] = *p;
            buffer[length++] = (byte)' ';
        }
        if (length < capacity) buffer[length++] = (byte)'\n';
        return length;
    }

    private readonly bool Usable(Clocksource* source) => !OneShot || (source->Flags & ClocksourceFlags.ValidForHres) != 0;

    internal static bool NameEquals(byte* a, byte* b)
    {
        while (*a != 0 && *a == *b)
        {
            a++;
            b++;
        }
        return *a == *b;
    }
}
