using CoSim.Traces.Format;

namespace CoSim.Traces.Import.Tracepoints;

/// <summary>Reads the output of perf script, the trace file of ftrace, and trace-cmd report.</summary>
internal sealed class TracepointImporter(ProgramRecorder recorder, ImportFormat format) : ILineImporter
{
    private const string Enter = "sys_enter_", Exit = "sys_exit_";

    private readonly TimerClock _timers = new();
    private readonly LibraryCalls _library = new(recorder);
    private readonly Dictionary<long, string> _names = [];
    private readonly Dictionary<long, PendingCall> _pending = [];
    private readonly HashSet<long> _begun = [];
    private readonly PeriodicTimers _periods = new();
    private readonly List<(ulong Time, long Thread, ImportedCall Call, TimerStart? Start)> _hidden = [];

    /// <inheritdoc/>
    public bool Read(string line)
    {
        if (IsSilent(line))
            return false;
        TracepointLine e = TracepointLine.Parse(line, format);
        Name(in e);
        switch (e.Event)
        {
            case { } name when name.StartsWith("sys_", StringComparison.Ordinal) && e.Fields.StartsWith("->", StringComparison.Ordinal):
                End(in e, name["sys_".Length..], Result(e.Fields[2..]));
                break;
            case { } name when name.StartsWith("sys_", StringComparison.Ordinal) && e.Fields.StartsWith('('):
                Begin(in e, name["sys_".Length..], TracepointFields.Arguments(e.Fields));
                break;
            case "sys_enter" or "sys_exit":
                ReadRaw(in e);
                break;
            case { } name when name.StartsWith(Enter, StringComparison.Ordinal):
                Begin(in e, name[Enter.Length..], TracepointFields.Arguments(e.Fields));
                break;
            case { } name when name.StartsWith(Exit, StringComparison.Ordinal):
                End(in e, name[Exit.Length..], Result(e.Fields));
                break;
            default:
                ReadOther(in e);
                break;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Finish()
    {
        foreach ((long thread, PendingCall pending) in _pending.OrderBy(p => p.Key))
            recorder.Call(pending.Time, thread, TracepointCalls.Decode(pending.Name, pending.Arguments, 0) with { Flags = CallFlags.Unfinished | (CallNames.Waits(pending.Name) ? CallFlags.Waits : 0) });
        foreach ((ulong time, long thread, ImportedCall call, TimerStart? start) in _hidden)
        {
            ImportedCall complete = TracepointCalls.WithHiddenTimeout(call, start is { } s ? _timers.Distance(s) : null);
            recorder.Call(time, thread, complete with { Interval = TracepointCalls.Sets(call.Name) && start is { } set ? _periods.Of(set) : 0 });
        }

        _library.Finish();
    }

    /// <summary>Comments and headings, and the lines of call chains: an address and a symbol.</summary>
    private static bool IsSilent(string line)
    {
        ReadOnlySpan<char> text = line.AsSpan().Trim();
        if (text.IsEmpty || text[0] == '#' || text.StartsWith("cpus=", StringComparison.Ordinal) || text.StartsWith("CPU:", StringComparison.Ordinal) || text.StartsWith("CPU ", StringComparison.Ordinal) || text.StartsWith("version = ", StringComparison.Ordinal))
            return true;
        int space = text.IndexOf(' ');
        ReadOnlySpan<char> first = space < 0 ? text : text[..space];
        return line[0] is ' ' or '\t' && first.Length >= 8 && !first.ContainsAnyExcept("0123456789abcdef") && text[^1] is ')' or ']';
    }

    private void Name(in TracepointLine e)
    {
        if (e.Thread == 0 || e.Command == "<...>" || _names.GetValueOrDefault(e.Thread) == e.Command)
            return;
        _names[e.Thread] = e.Command;
        recorder.Start(e.Time, e.Thread, 0, false, e.Command);
    }

    /// <summary>raw_syscalls: "NR 230 (1, 0, ...)" and "NR 230 = 0".</summary>
    private void ReadRaw(in TracepointLine e)
    {
        string[] words = e.Fields.Split(' ', 3);
        if (words.Length < 2 || words[0] != "NR" || !NumberText.TryInteger(words[1], out long number))
            throw new LineException("no number of a system call");
        // -1: the call was taken back, for example after a signal.
        string name = SystemCallNames.Of(unchecked((ulong)number));
        if (e.Event == "sys_enter")
            Begin(in e, name, TracepointFields.Arguments(e.Fields));
        else
            End(in e, name, Result(e.Fields[(e.Fields.IndexOf('=') + 1)..]));
    }

    private void Begin(in TracepointLine e, string name, ulong[] arguments)
    {
        string canonical = KernelName(name);
        _library.Entered(e.Thread, canonical);
        if (_pending.Remove(e.Thread, out PendingCall? before))
            recorder.Call(before.Time, e.Thread, TracepointCalls.Decode(before.Name, before.Arguments, 0) with { Flags = CallFlags.Unfinished });
        _ = _begun.Add(e.Thread);
        _pending[e.Thread] = new PendingCall(e.Time, canonical, arguments);
    }

    private void End(in TracepointLine e, string name, long result)
    {
        if (!_pending.Remove(e.Thread, out PendingCall? pending))
        {
            // A new thread's first return is from clone, and another's from what it called before the recording began.
            if (_begun.Contains(e.Thread))
                throw new LineException("a call returns that has not begun");
            return;
        }

        string canonical = KernelName(name);
        if (pending.Name != canonical && !canonical.StartsWith("syscall_", StringComparison.Ordinal))
            throw new LineException("another call returns than has begun");
        ulong duration = e.Time >= pending.Time ? e.Time - pending.Time : 0;
        ImportedCall call = TracepointCalls.WithInterruption(TracepointCalls.Decode(pending.Name, pending.Arguments, result) with { Duration = duration });
        if (canonical is "clone" or "clone3" or "fork" or "vfork" && result > 0)
            recorder.Start(e.Time, result, e.Thread, canonical is "clone" && pending.Arguments.Length > 0 && (pending.Arguments[0] & CloneFiles) != 0, "");
        if (TracepointCalls.HasHiddenTimeout(pending.Name, pending.Arguments))
            _hidden.Add((pending.Time, e.Thread, call, pending.Start));
        else
            recorder.Call(pending.Time, e.Thread, call);
    }

    private const ulong CloneFiles = 0x400;

    private void ReadOther(in TracepointLine e)
    {
        string name = e.Event;
        if (_library.Read(in e))
            return;
        if (name is "signal_deliver")
        {
            recorder.Signal(e.Time, e.Thread, TracepointFields.Number(e.Fields, "sig").ToString(System.Globalization.CultureInfo.InvariantCulture));
            return;
        }

        if (name is "hrtimer_init" or "hrtimer_setup")
            _timers.Init(e.Fields);
        else if (name == "hrtimer_expire_entry")
            _timers.Expire(e.Fields, e.Time);
        else if (name == "hrtimer_start" && IsOfCall(e.Fields) && _timers.Start(e.Fields, e.Time) is { } start)
            Start(e.Thread, start);
        else if (name == "sched_process_exit" && TracepointFields.Number(e.Fields, "pid") == e.Thread)
            recorder.End(e.Time, e.Thread, 0, "exited");
        ReadOnlySpan<char> function = TracepointFields.Find(e.Fields, "function");
        ulong subject = unchecked((ulong)TracepointFields.Number(e.Fields, "hrtimer", "timer", "irq", "vec", "vector", "next_pid", "pid", "clock_id"));
        long value = TracepointFields.Number(e.Fields, "softexpires", "expires", "now", "ret", "prev_pid", "value");
        recorder.Kernel(e.Time, e.Thread, e.Cpu, function.IsEmpty ? name : $"{name} {function}", subject, value);
    }

    /// <summary>The call that a thread is in sets a timer, or waits by one; outside of settime a timer is started again because it has a period.</summary>
    private void Start(long thread, TimerStart start)
    {
        bool isInCall = _pending.TryGetValue(thread, out PendingCall? pending);
        if (isInCall && TracepointCalls.Sets(pending!.Name))
            _periods.Set(start);
        else
            _periods.Again(start);
        if (isInCall)
            pending!.Start ??= start;
    }

    /// <summary>Timers that a call starts for its caller, and not those of the scheduler's tick (kernel/time, fs/timerfd.c).</summary>
    private static bool IsOfCall(string fields)
    {
        ReadOnlySpan<char> function = TracepointFields.Find(fields, "function");
        return function is "hrtimer_wakeup" or "timerfd_tmrproc" or "posix_timer_fn" or "it_real_fn";
    }

    /// <summary>Tracepoints use the names of the kernel's functions, which are those of the calls but for these.</summary>
    private static string KernelName(string name) => CallNames.Canonical(name switch
    {
        "newstat" => "stat",
        "newfstat" => "fstat",
        "newlstat" => "lstat",
        "newuname" => "uname",
        "sendfile64" => "sendfile",
        "getdents64" => name,
        _ => name,
    });

    private static long Result(string text)
    {
        ReadOnlySpan<char> word = text.AsSpan().Trim();
        return NumberText.TryNumber(word, out long value) ? value : throw new LineException("the result is not a number");
    }

    private sealed record PendingCall(ulong Time, string Name, ulong[] Arguments)
    {
        public TimerStart? Start { get; set; }
    }
}
