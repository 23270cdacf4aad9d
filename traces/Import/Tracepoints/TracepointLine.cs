using System.Globalization;
using System.Text.RegularExpressions;

namespace CoSim.Traces.Import.Tracepoints;

/// <summary>A line of perf script or ftrace: who, where, when, which event, and its fields as text.</summary>
/// <param name="Command">Name of the thread.</param>
/// <param name="Thread">Its number; 0 for an idle CPU.</param>
/// <param name="Cpu">The CPU; 0 when the line does not tell.</param>
/// <param name="Time">Nanoseconds of the recording's clock.</param>
/// <param name="Group">The event's group ("syscalls"); empty in ftrace.</param>
/// <param name="Event">The event's name.</param>
/// <param name="Fields">The rest of the line.</param>
internal readonly record struct TracepointLine(string Command, long Thread, int Cpu, ulong Time, string Group, string Event, string Fields)
{
    private const int MostCpus = 1 << 16;

    // perf-script(1), default fields: "comm pid/tid [cpu] time: period event: fields"; which of them are there depends on -F.
    private static readonly Regex PerfForm = new(
        @"^\s*(?<comm>\S.*?)\s+(?:(?<pid>-?\d+)/)?(?<tid>-?\d+)\s+(?:\[(?<cpu>\d+)\]\s+)?(?:[^\s\d]\S{3,5}\s+)?(?<time>\d+\.\d+):\s+(?:\d+\s+)?(?:(?<group>[\w\-]+):)?(?<event>[\w\-./]+)(?::[ukhpGHSDP]*)?:(?:\s+(?<rest>.*))?$",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    // Documentation/trace/ftrace.rst, "trace" file: "TASK-PID (TGID) [CPU] flags TIMESTAMP: FUNCTION"; trace-cmd report leaves some out.
    private static readonly Regex FtraceForm = new(
        @"^\s*(?<comm>\S.*)-(?<tid>\d+)\s+(?:\(\s*(?:\d+|-+)\)\s+)?\[(?<cpu>\d+)\]\s+(?:[^\s]{4,8}\s+)?(?<time>\d+\.\d+):\s+(?:(?<event>sys_\w+)(?<call>\(.*\)|\s+->\s+\S+)\s*|(?<event>[\w\-.]+):\s*(?<rest>.*))$",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    // The same with trace_options latency-format: "TASK-PID CPU+flags TIMEus: FUNCTION", a mark for long delays behind the time. Times count from the first line.
    private static readonly Regex LatencyForm = new(
        @"^\s*(?<comm>\S.*)-(?<tid>\d+)\s+(?<cpu>\d+)[^\s\d][^\s]{3,7}\s+(?<us>\d+)us\s*[+!#*@$]?\s*:\s+(?:(?<event>sys_\w+)(?<call>\(.*\)|\s+->\s+\S+)\s*|(?<event>[\w\-.]+):\s*(?<rest>.*))$",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Takes a line apart.</summary>
    /// <exception cref="LineException">It has another form.</exception>
    public static TracepointLine Parse(string line, ImportFormat format)
    {
        Match match = (format == ImportFormat.PerfScript ? PerfForm : FtraceForm).Match(line);
        if (!match.Success && format == ImportFormat.Ftrace)
            match = LatencyForm.Match(line);
        if (!match.Success)
            throw new LineException(format == ImportFormat.PerfScript ? "no line of perf script" : "no line of a trace");
        ulong time;
        if (match.Groups["us"].Success ? !TryMicroseconds(match.Groups["us"].ValueSpan, out time) : !NumberText.TrySeconds(match.Groups["time"].ValueSpan, out time))
            throw new LineException("time stamp out of range");
        if (!NumberText.TryInteger(match.Groups["tid"].ValueSpan, out long thread) || thread < -1)
            throw new LineException("thread out of range");
        int cpu = 0;
        if (match.Groups["cpu"].Success && (!int.TryParse(match.Groups["cpu"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out cpu) || cpu >= MostCpus))
            throw new LineException("CPU out of range");
        string fields = match.Groups["call"].Success ? match.Groups["call"].Value : match.Groups["rest"].Value;
        return new TracepointLine(match.Groups["comm"].Value, Math.Max(0, thread), cpu, time, match.Groups["group"].Value, match.Groups["event"].Value, fields.Trim());
    }

    private static bool TryMicroseconds(ReadOnlySpan<char> text, out ulong nanoseconds)
    {
        const ulong perMicrosecond = 1000;
        bool fits = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong microseconds) && microseconds <= long.MaxValue / perMicrosecond;
        nanoseconds = fits ? microseconds * perMicrosecond : 0;
        return fits;
    }
}
