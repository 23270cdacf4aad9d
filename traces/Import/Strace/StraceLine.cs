using System.Globalization;

namespace CoSim.Traces.Import.Strace;

/// <summary>What stands before the call on a line of strace: the thread and the time.</summary>
/// <param name="Thread">The thread; -1 when the line does not name one.</param>
/// <param name="Time">Nanoseconds; null when the line has no time stamp.</param>
/// <param name="IsTimeOfDay">Whether the time counts from midnight (-t, -tt) and not from 1970 (-ttt).</param>
/// <param name="Rest">Where the rest of the line begins.</param>
/// <param name="IsPadded">Whether blanks stand before the time stamp that no other column has: those of -r, which counts from the line before.</param>
internal readonly record struct StraceLine(long Thread, ulong? Time, bool IsTimeOfDay, int Rest, bool IsPadded)
{
    private const ulong SecondsPerMinute = 60, SecondsPerHour = 3600, HoursPerDay = 24;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Takes the beginning of a line apart: "[pid N] TIME ", "N TIME " or "TIME " (strace(1), -f, -o, -t and -r; -Y puts a name behind N, -i, -n and -r with -t more behind TIME).</summary>
    /// <exception cref="LineException">The time stamp is out of range.</exception>
    public static StraceLine Parse(ReadOnlySpan<char> line)
    {
        const int threadColumns = 5;
        int at = 0, column = 0;
        long thread = -1;
        if (line[SkipBlanks(line, 0)..].StartsWith("[pid", StringComparison.Ordinal))
        {
            at = SkipBlanks(line, 0);
            int end = line[at..].IndexOf(']');
            if (end < 0 || !NumberText.TryInteger(WithoutName(line[(at + 4)..(at + end)].Trim()), out thread) || thread < 0)
                throw new LineException("no thread after '[pid'");
            at += end + 1;
            column = at + 1;
        }
        else if (ThreadWord(line) is { IsEmpty: false } word)
        {
            if (!NumberText.TryInteger(WithoutName(word), out thread))
                throw new LineException("thread out of range");
            at = word.Length;
            column = Math.Max(threadColumns, at) + 1;
        }

        at = SkipBlanks(line, at);
        ReadOnlySpan<char> stamp = Word(line, at);
        if (stamp.IsEmpty || !char.IsAsciiDigit(stamp[0]))
            return new StraceLine(thread, null, false, at, false);
        bool isTimeOfDay = stamp.Contains(':');
        ulong time = isTimeOfDay ? TimeOfDay(stamp) : SinceEpoch(stamp);
        return new StraceLine(thread, time, isTimeOfDay, SkipColumns(line, SkipBlanks(line, at + stamp.Length)), at > column);
    }

    /// <summary>The number of a thread at the beginning of a line, and perhaps its name: "12" or "12&lt;sleep&gt;"; empty when there is none.</summary>
    private static ReadOnlySpan<char> ThreadWord(ReadOnlySpan<char> line)
    {
        int digits = line.IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0)
            return [];
        if (line[digits] is ' ' or '\t')
            return line[..digits];
        int end = line[digits] == '<' ? line.IndexOf("> ", StringComparison.Ordinal) : -1;
        return end < 0 ? [] : line[..(end + 1)];
    }

    private static ReadOnlySpan<char> WithoutName(ReadOnlySpan<char> thread)
    {
        int name = thread.IndexOf('<');
        return name < 0 ? thread : thread[..name];
    }

    /// <summary>Passes over the distance from the line before, the instruction's address and the call's number: "(+     0.000105) [00007f02d1463503] [ 230] ".</summary>
    private static int SkipColumns(ReadOnlySpan<char> line, int at)
    {
        while (at < line.Length && line[at..] is ['(', '+', ..] or ['[', ..])
        {
            int end = line[at..].IndexOf(line[at] == '(' ? ')' : ']');
            if (end < 0)
                break;
            at = SkipBlanks(line, at + end + 1);
        }

        return at;
    }

    private static ulong SinceEpoch(ReadOnlySpan<char> stamp) =>
        NumberText.TrySeconds(stamp, out ulong time) ? time : throw new LineException("time stamp is not a number of seconds");

    private static ulong TimeOfDay(ReadOnlySpan<char> stamp)
    {
        const int prefix = 6; // "hh:mm:"
        if (stamp.Length > prefix + 1
            && stamp[2] == ':' && stamp[5] == ':'
            && ulong.TryParse(stamp[..2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong hours) && hours < HoursPerDay
            && ulong.TryParse(stamp[3..5], NumberStyles.None, CultureInfo.InvariantCulture, out ulong minutes) && minutes < SecondsPerMinute
            && NumberText.TrySeconds(stamp[prefix..], out ulong seconds) && seconds <= SecondsPerMinute * NanosecondsPerSecond)
            return (hours * SecondsPerHour + minutes * SecondsPerMinute) * NanosecondsPerSecond + seconds;
        throw new LineException("time stamp is not a time of day");
    }

    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> line, int at)
    {
        int end = line[at..].IndexOfAny(' ', '\t');
        return end < 0 ? line[at..] : line.Slice(at, end);
    }

    private static int SkipBlanks(ReadOnlySpan<char> line, int at)
    {
        while (at < line.Length && line[at] is ' ' or '\t')
            at++;
        return at;
    }
}
