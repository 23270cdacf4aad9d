using System.CommandLine.Parsing;
using System.Globalization;

namespace CoSim.Cli.Options;

/// <summary>Offsets of a child time namespace, as /proc/PID/timens_offsets takes them (time_namespaces(7)).</summary>
/// <param name="Monotonic">Offset of CLOCK_MONOTONIC, "seconds nanoseconds"; null to leave it.</param>
/// <param name="Boottime">Offset of CLOCK_BOOTTIME, "seconds nanoseconds"; null to leave it.</param>
public sealed record TimeNamespaceOffsets(ClockOffset? Monotonic, ClockOffset? Boottime)
{
    /// <summary>Parses "monotonic=S,boottime=S"; S is a number of seconds with an optional sign and fraction.</summary>
    public static TimeNamespaceOffsets? Parse(ArgumentResult result)
    {
        ClockOffset? monotonic = null;
        ClockOffset? boottime = null;
        foreach (string part in MachineOptions.Word(result).Split(','))
        {
            int equals = part.IndexOf('=');
            string clock = equals < 0 ? part : part[..equals];
            if (equals < 0 || clock is not ("monotonic" or "boottime"))
                return MachineOptions.Fail<TimeNamespaceOffsets?>(result, "write monotonic=SECONDS,boottime=SECONDS (either may be left out)");
            if (ClockOffset.TryParse(part[(equals + 1)..]) is not { } offset)
                return MachineOptions.Fail<TimeNamespaceOffsets?>(result, $"'{part[(equals + 1)..]}' is not a number of seconds (at most 9 decimals)");
            if (clock == "monotonic")
                monotonic = offset;
            else
                boottime = offset;
        }
        return new TimeNamespaceOffsets(monotonic, boottime);
    }
}

/// <summary>An offset of a clock: seconds, and nanoseconds that count upwards from them.</summary>
/// <param name="Seconds">Whole seconds, rounded down.</param>
/// <param name="Nanoseconds">0 to 999,999,999.</param>
public readonly record struct ClockOffset(long Seconds, int Nanoseconds)
{
    private const int NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Parses "-5", "86400" or "1.5"; null when the text is no such number.</summary>
    public static ClockOffset? TryParse(string text)
    {
        bool negative = text.StartsWith('-');
        string digits = negative || text.StartsWith('+') ? text[1..] : text;
        int point = digits.IndexOf('.');
        string whole = point < 0 ? digits : digits[..point];
        string fraction = point < 0 ? "" : digits[(point + 1)..];
        if (fraction.Length > 9 || (point >= 0 && fraction.Length == 0)
            || !long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || !int.TryParse(fraction.PadRight(9, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out int nanoseconds))
            return null;
        if (!negative)
            return new ClockOffset(seconds, nanoseconds);
        return nanoseconds == 0 ? new ClockOffset(-seconds, 0) : new ClockOffset(-seconds - 1, NanosecondsPerSecond - nanoseconds);
    }

    /// <summary>"seconds nanoseconds", the form of timens_offsets.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seconds} {Nanoseconds}");
}
