namespace CoSim.Os.Timekeeping;

/// <summary>The two offsets of a time namespace, each normalised: signed seconds and 0..999999999 nanoseconds.</summary>
internal struct TimensOffsets
{
    internal Timespec Monotonic;
    internal Timespec Boottime;
}

/// <summary>One parsed line of a write to timens_offsets.</summary>
internal struct TimensLine
{
    /// <summary><see cref="ClockId.Monotonic"/> or <see cref="ClockId.Boottime"/>.</summary>
    internal int Clock;
    internal Timespec Value;
}

/// <summary>What a write to timens_offsets asks for: one or two lines.</summary>
internal struct TimensRequest
{
    internal TimensLine First;
    internal TimensLine Second;
    internal int Count;

    /// <summary>Bytes of the write that were used; text after the second line is not looked at.</summary>
    internal int Consumed;
}

/// <summary>Text and range rules of /proc/PID/timens_offsets (time namespace reference, section 3).</summary>
internal static unsafe class TimensText
{
    /// <summary>The two lines that a read returns; <paramref name="numeric"/>: with clock ids, as until 5.6.6.</summary>
    internal static void Format(TextBuffer* to, TimensOffsets* offsets, bool numeric)
    {
        if (numeric)
        {
            to->Format("%d %lld %lld\n"u8, ClockId.Monotonic, (ulong)offsets->Monotonic.Sec, (ulong)offsets->Monotonic.Nsec);
            to->Format("%d %lld %lld\n"u8, ClockId.Boottime, (ulong)offsets->Boottime.Sec, (ulong)offsets->Boottime.Nsec);
            return;
        }
        to->Format("%-10s %10lld %9lld\n"u8, (ulong)Text.Literal("monotonic"u8), (ulong)offsets->Monotonic.Sec, (ulong)offsets->Monotonic.Nsec);
        to->Format("%-10s %10lld %9lld\n"u8, (ulong)Text.Literal("boottime"u8), (ulong)offsets->Boottime.Sec, (ulong)offsets->Boottime.Nsec);
    }

    /// <summary>Parses a write.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="request">What it asks for.</param>
    /// <param name="numeric">Clocks have no names yet, as until 5.6.6.</param>
    /// <returns>0, or -EINVAL when any line is bad; then nothing may be applied.</returns>
    internal static int Parse(byte* text, int length, TimensRequest* request, bool numeric)
    {
        *request = default;
        byte* end = text + length;
        byte* line = text;
        while (line < end && request->Count < 2)
        {
            byte* next = line;
            while (next < end && *next != '\n' && *next != 0) next++;
            TimensLine parsed;
            if (!ParseLine(line, next, &parsed, numeric)) return -Errno.EINVAL;
            if (request->Count == 0) request->First = parsed;
            else request->Second = parsed;
            request->Count++;
            // A NUL ends the text; the byte after a newline starts the next line.
            if (next < end && *next == 0)
            {
                line = end;
                break;
            }
            line = next < end ? next + 1 : end;
            // Nor does a NUL at its start begin one.
            if (line < end && *line == 0) line = end;
        }
        request->Consumed = (int)(line - text);
        return request->Count == 0 ? -Errno.EINVAL : 0;
    }

    // "%9s %lld %lu": a word of at most nine characters, a signed and an unsigned number; what follows is ignored.
    private static bool ParseLine(byte* p, byte* end, TimensLine* line, bool numeric)
    {
        *line = default;
        p = SkipBlanks(p, end);
        byte* word = p;
        while (p < end && !IsBlank(*p) && p - word < 9) p++;
        int length = (int)(p - word);
        if (length == 0) return false;

        long sec;
        ulong nsec;
        if (!ParseSigned(ref p, end, out sec)) return false;
        p = SkipBlanks(p, end);
        if (!ParseDigits(ref p, end, out nsec)) return false;
        // A signed comparison: what wraps to a negative number passes, and is found with the range, if at all.
        if ((long)nsec >= TimeUnits.NsecPerSec) return false;

        if (!numeric && Text.Equal(word, length, "monotonic"u8) || Text.Equal(word, length, "1"u8)) line->Clock = ClockId.Monotonic;
        else if (!numeric && Text.Equal(word, length, "boottime"u8) || Text.Equal(word, length, "7"u8)) line->Clock = ClockId.Boottime;
        else return false;
        line->Value = new Timespec(sec, (long)nsec);
        return true;
    }

    private static bool ParseSigned(ref byte* p, byte* end, out long value)
    {
        value = 0;
        p = SkipBlanks(p, end);
        bool negative = p < end && *p == '-';
        if (negative) p++;
        ulong magnitude;
        if (!ParseDigits(ref p, end, out magnitude)) return false;
        value = negative ? -(long)magnitude : (long)magnitude;
        return true;
    }

    // Too many digits wrap, as they do in the kernel's sscanf.
    private static bool ParseDigits(ref byte* p, byte* end, out ulong value)
    {
        value = 0;
        byte* start = p;
        for (; p < end && *p >= '0' && *p <= '9'; p++) value = unchecked(value * 10 + (ulong)(*p - '0'));
        return p != start;
    }

    private static byte* SkipBlanks(byte* p, byte* end)
    {
        while (p < end && IsBlank(*p)) p++;
        return p;
    }

    private static bool IsBlank(byte c) => c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';

    /// <summary>
    /// Range rules of one offset: |seconds| at most KTIME_SEC_MAX, and the clock as the namespace will see it neither
    /// negative nor beyond half of the ktime range (146 years). Negative nanoseconds are refused since 6.1.191, in 6.1 after the seconds, in 6.12 before.
    /// </summary>
    /// <param name="offset">The offset asked for.</param>
    /// <param name="now">The host's clock at this moment.</param>
    /// <returns>0, -ERANGE or -EINVAL.</returns>
    internal static int CheckRange(Timespec offset, Timespec now)
    {
        bool negative = TimeNamespaces.Semantics > OsSemantics.Linux61190 && offset.Nsec < 0;
        if (negative && TimeNamespaces.Semantics >= OsSemantics.Linux612) return -Errno.EINVAL;
        if (offset.Sec > TimeUnits.KtimeSecMax || offset.Sec < -TimeUnits.KtimeSecMax) return -Errno.ERANGE;
        if (negative) return -Errno.EINVAL;
        Timespec seen = Timespec.Add(now, offset);
        return seen.Sec < 0 || seen.Sec > TimeUnits.KtimeSecMax / 2 ? -Errno.ERANGE : 0;
    }
}
