namespace CoSim.Traces.Import.Strace;

/// <summary>Reads the output of strace(1): -f and -o or the terminal's form, -ttt, -tt or -r, with or without -T; what -i, -k, -n, -y and -Y add is passed over.</summary>
internal sealed class StraceImporter(ProgramRecorder recorder) : ILineImporter
{
    private const ulong NanosecondsPerDay = 86_400_000_000_000;
    private const string Unfinished = "<unfinished ...>", Detached = "<detached ...>", Resumed = " resumed>";

    private readonly Dictionary<long, PendingCall> _pending = [];
    private readonly Dictionary<long, InterruptedCall> _interrupted = [];
    private ulong _days;
    private ulong _lastTime;

    /// <summary>Whether time stamps count from the line before, as the first one tells; null before that.</summary>
    private bool? _isRelative;

    /// <inheritdoc/>
    public bool Read(string line)
    {
        if (line.AsSpan().Trim().IsEmpty || IsRemark(line))
            return false;
        StraceLine head = StraceLine.Parse(line);
        string rest = line[head.Rest..];
        if (rest.StartsWith("strace: ", StringComparison.Ordinal))
            return false;
        if (head.Time is not { } stamp)
            throw new LineException("no time stamp (record with strace -f -ttt -T)");
        ulong time = Absolute(stamp, in head);
        long thread = Math.Max(0, head.Thread);
        if (rest.StartsWith("+++ ", StringComparison.Ordinal))
            ReadEnd(time, thread, rest);
        else if (rest.StartsWith("--- ", StringComparison.Ordinal))
            ReadSignal(time, thread, rest);
        else if (rest.StartsWith("<... ", StringComparison.Ordinal))
            ReadResumed(time, thread, rest);
        else
            ReadCall(time, thread, rest);
        return true;
    }

    /// <inheritdoc/>
    public void Finish()
    {
        foreach ((long thread, PendingCall pending) in _pending.OrderBy(p => p.Key))
            EmitPending(thread, pending);
        foreach ((long thread, InterruptedCall call) in _interrupted.OrderBy(p => p.Key))
            recorder.Call(call.Start, thread, call.Call);
        _pending.Clear();
        _interrupted.Clear();
    }

    /// <summary>Headings of stack traces (-k) and messages of strace itself carry no time.</summary>
    private static bool IsRemark(string line) =>
        line.StartsWith(" > ", StringComparison.Ordinal) || line.StartsWith("strace: ", StringComparison.Ordinal) || line.Contains("] strace: Process ", StringComparison.Ordinal);

    private void ReadCall(ulong time, long thread, string rest)
    {
        int open = rest.IndexOf('(');
        if (open <= 0 || !IsName(rest.AsSpan(0, open)))
            throw new LineException("no call");
        string name = rest[..open];
        string text = rest[(open + 1)..];
        string? cut = CutEnd(text);
        if (cut != null)
        {
            if (_pending.Remove(thread, out PendingCall before))
                EmitPending(thread, before);
            _pending[thread] = new PendingCall(time, name, cut);
            return;
        }

        List<string> arguments = StraceText.Arguments(text, out int end);
        if (end < 0)
            throw new LineException("the call has no end");
        Complete(time, null, thread, name, arguments, StraceResult.Parse(text[(end + 1)..]));
    }

    private void ReadResumed(ulong time, long thread, string rest)
    {
        const int prefix = 5; // "<... "
        int end = rest.IndexOf(Resumed, StringComparison.Ordinal);
        if (end < prefix)
            throw new LineException("no name of the call that is resumed");
        string name = rest[prefix..end];
        if (!_pending.TryGetValue(thread, out PendingCall pending))
            throw new LineException("a call is resumed that has not begun");
        if (pending.Name != name)
            throw new LineException("another call is resumed than has begun");
        string text = pending.Text + rest[(end + Resumed.Length)..];
        if (CutEnd(text) is { } cut)
        {
            _pending[thread] = pending with { Text = cut };
            return;
        }

        List<string> arguments = StraceText.Arguments(text, out int close);
        if (close < 0)
            throw new LineException("the call has no end");
        StraceResult result = StraceResult.Parse(text[(close + 1)..]);
        _ = _pending.Remove(thread);
        Complete(pending.Time, time, thread, name, arguments, result);
    }

    private void Complete(ulong start, ulong? end, long thread, string name, List<string> arguments, StraceResult result)
    {
        ulong duration = result.Duration ?? (end is { } e && e >= start ? e - start : ImportedCall.UnknownDuration);
        if (name == "restart_syscall")
        {
            CompleteRestarted(start, thread, duration, result);
            return;
        }

        ImportedCall call = StraceCalls.Decode(CallNames.Canonical(name), arguments, result.Value) with { Duration = duration };
        if (StraceResult.IsInterrupted(result.Value))
            call = call with { Flags = call.Flags | CallFlags.Interrupted };
        if (!result.Returned)
            call = call with { Flags = call.Flags | CallFlags.Unfinished };
        NoteThread(start, duration, thread, call, arguments);
        FlushInterrupted(thread);
        if (result.Value == StraceResult.RestartBlock)
            _interrupted[thread] = new InterruptedCall(start, call);
        else
            recorder.Call(start, thread, call);
    }

    /// <summary>The kernel goes on with a call after a signal: one call of the program, from its first beginning to its last end.</summary>
    private void CompleteRestarted(ulong start, long thread, ulong duration, StraceResult result)
    {
        if (!_interrupted.Remove(thread, out InterruptedCall first))
        {
            recorder.Call(start, thread, new ImportedCall("restart_syscall") { Result = result.Value, Duration = duration, Flags = CallFlags.Waits | CallFlags.Restarted });
            return;
        }

        ulong whole = duration == ImportedCall.UnknownDuration || start < first.Start ? ImportedCall.UnknownDuration : start - first.Start + duration;
        ImportedCall call = first.Call with { Result = result.Value, Duration = whole, Flags = (first.Call.Flags & ~CallFlags.Interrupted) | CallFlags.Restarted };
        if (result.Value == StraceResult.RestartBlock)
            _interrupted[thread] = new InterruptedCall(first.Start, call);
        else
            recorder.Call(first.Start, thread, call);
    }

    private void NoteThread(ulong start, ulong duration, long thread, ImportedCall call, List<string> arguments)
    {
        if (call.Name is "clone" or "clone3" or "fork" or "vfork" && call.Result > 0)
        {
            bool shares = arguments.Any(a => a.Contains("CLONE_FILES", StringComparison.Ordinal));
            recorder.Start(duration == ImportedCall.UnknownDuration ? start : start + Math.Min(duration, long.MaxValue), call.Result, thread, shares, "");
        }
        else if (call is { Name: "execve", Result: 0 } && arguments is [['"', .., '"'] path, ..])
        {
            recorder.Start(start, thread, 0, false, path[1..^1].Split('/')[^1]);
        }
    }

    private void ReadSignal(ulong time, long thread, string rest)
    {
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string name = words is ["---", "stopped", "by", ..] && words.Length > 3 ? words[3] : words.Length > 1 ? words[1] : "";
        if (!rest.EndsWith(" ---", StringComparison.Ordinal) || name.Length == 0)
            throw new LineException("no signal");
        recorder.Signal(time, thread, name);
    }

    private void ReadEnd(ulong time, long thread, string rest)
    {
        FlushInterrupted(thread);
        if (_pending.Remove(thread, out PendingCall pending))
            EmitPending(thread, pending);
        string[] words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case ["+++", "exited", "with", string status, "+++"] when NumberText.TryInteger(status, out long value):
                recorder.End(time, thread, value, "exited");
                break;
            case ["+++", "killed", "by", string signal, .., "+++"]:
                recorder.End(time, thread, -1, "killed by " + signal);
                break;
            case ["+++", "superseded", ..]:
                recorder.End(time, thread, 0, "superseded");
                break;
            default:
                throw new LineException("no end of a thread");
        }
    }

    private void EmitPending(long thread, PendingCall pending)
    {
        string name = CallNames.Canonical(pending.Name);
        ImportedCall call;
        try
        {
            call = StraceCalls.Decode(name, StraceText.Arguments(pending.Text, out _), 0);
        }
        catch (LineException)
        {
            // The arguments that matter were to be printed when the call returned.
            call = new ImportedCall(name);
        }

        recorder.Call(pending.Time, thread, call with { Flags = call.Flags | CallFlags.Unfinished });
    }

    private void FlushInterrupted(long thread)
    {
        if (_interrupted.Remove(thread, out InterruptedCall call))
            recorder.Call(call.Start, thread, call.Call);
    }

    /// <summary>Times of day grow by a day when they go back by more than half of one; distances add up.</summary>
    private ulong Absolute(ulong time, in StraceLine head)
    {
        _isRelative ??= head.IsPadded && !head.IsTimeOfDay;
        if (_isRelative == true)
        {
            if (head.IsTimeOfDay || time > long.MaxValue - _lastTime)
                throw new LineException("time stamp is not a distance from the line before");
            return _lastTime += time;
        }

        if (!head.IsTimeOfDay)
            return time;
        if (time + NanosecondsPerDay / 2 < _lastTime)
            _days++;
        _lastTime = time;
        return _days * NanosecondsPerDay + time;
    }

    private static string? CutEnd(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().TrimEnd();
        foreach (string end in (ReadOnlySpan<string>)[Unfinished, Detached])
        {
            if (trimmed.EndsWith(end, StringComparison.Ordinal))
                return trimmed[..^end.Length].ToString();
        }

        return null;
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
        }

        return true;
    }

    private readonly record struct PendingCall(ulong Time, string Name, string Text);

    private readonly record struct InterruptedCall(ulong Start, ImportedCall Call);
}
