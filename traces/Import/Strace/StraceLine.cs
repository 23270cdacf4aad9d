using System.Globalization;

namespace CoSim.Traces.Import.Strace;

/// <summary>What stands before the call on a line of strace: the thread and the time.</summary>
/// <param name="Thread">The thread; -1 when the line does not name one.</param>
/// <param name="Time">Nanoseconds; null when the line has no time stamp.</param>
/// <param name="IsTimeOfDay">Whether the time counts from midnight (-t, -tt) and not from 1970 (-ttt).</param>
/// <param name="Rest">Where the rest of the line begins.</param>
internal readonly record struct StraceLine(long Thread, ulong? Time, bool IsTimeOfDay, int Rest)
{
    private const ulong SecondsPerMinute = 60, SecondsPerHour = 3600, HoursPerDay = 24;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Takes the beginning of a line apart: "[pid N] TIME ", "N TIME " or "TIME " (strace(1), -f, -o and -t).</summary>
    /// <exception cref="LineException">The time stamp is out of range.</exception>
    public static StraceLine Parse(ReadOnlySpan<char> line)
    {
        int at = SkipBlanks(line, 0);
        long thread = -1;
        if (line[at..].StartsWith("[pid", StringComparison.Ordinal))
        {
            int end = line[at..].IndexOf(']');
            if (end < 0 || !NumberText.TryInteger(line[(at + 4)..(at + end)].Trim(), out thread) || thread < 0)
                throw new LineException("no thread after '[pid'");
            at = SkipBlanks(line, at + end + 1);
        }
        else if (Word(line, at) is { IsEmpty: false } word && word.IndexOfAnyExceptInRange('0', '9') < 0)
        {
            if (!NumberText.TryInteger(word, out thread))
                throw new LineException("thread out of range");
            at = SkipBlanks(line, at + word.Length);
        }

        ReadOnlySpan<char> stamp = Word(line, at);
        if (stamp.IsEmpty || !char.IsAsciiDigit(stamp[0]))
            return new StraceLine(thread, null, false, at);
        bool isTimeOfDay = stamp.Contains(':');
        ulong time = isTimeOfDay ? TimeOfDay(stamp) : SinceEpoch(stamp);
        return new StraceLine(thread, time, isTimeOfDay, SkipBlanks(line, at + stamp.Length));
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
