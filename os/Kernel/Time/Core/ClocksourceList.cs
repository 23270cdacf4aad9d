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

    /// <summary>The source that should drive the timekeeper now, or null while the boot is not finished or the list is empty.</summary>
    internal readonly Clocksource* Best()
    {
        if (!FinishedBooting || First == null) return null;
        Clocksource* best = null;
        for (Clocksource* s = First; s != null && best == null; s = s->Next)
        {
            if (Usable(s)) best = s;
        }
        if (Override == null || *Override == 0) return best;
        for (Clocksource* s = First; s != null; s = s->Next)
        {
            if (NameEquals(s->Name, Override)) return Usable(s) ? s : best;
        }
        return best;
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
