namespace CoSim.Traces.Import.Tracepoints;

/// <summary>
/// Calls of the C library's time functions, seen by user probes (perf probe, uprobe_events): the only trace of what the vDSO answers. The clock
/// is the probe's first argument under a usual name, or arg1.
/// </summary>
internal sealed class LibraryCalls(ProgramRecorder recorder)
{
    private static readonly string[] Functions = ["clock_gettime", "gettimeofday", "clock_getres", "time"];

    private readonly Dictionary<long, (ulong Time, ImportedCall Call)> _open = [];
    private readonly HashSet<long> _inKernel = [];

    /// <summary>Reads an event if it is a probe of such a function.</summary>
    /// <returns>False when it is something else.</returns>
    public bool Read(in TracepointLine e)
    {
        // A user probe shows its address first; groups of perf begin with probe.
        if (!e.Fields.StartsWith('('))
            return false;
        bool isReturn = e.Fields.Contains("<-", StringComparison.Ordinal) || e.Event.EndsWith("__return", StringComparison.Ordinal);
        string? function = Function(e.Event);
        if (function == null)
            return false;
        if (isReturn)
        {
            if (_inKernel.Remove(e.Thread))
                return true;
            if (!_open.Remove(e.Thread, out (ulong Time, ImportedCall Call) open) || open.Call.Name != function)
                throw new LineException("a function returns that has not been called");
            recorder.Call(open.Time, e.Thread, open.Call with { Duration = e.Time >= open.Time ? e.Time - open.Time : 0 });
            return true;
        }

        Flush(e.Thread);
        _ = _inKernel.Remove(e.Thread);
        int clock = function.StartsWith("clock_", StringComparison.Ordinal)
            ? LinuxClocks.OfNumber(TracepointFields.Number(e.Fields, "clk", "clock", "clk_id", "clockid", "clock_id", "which_clock", "arg1"))
            : -1;
        _open[e.Thread] = (e.Time, new ImportedCall(function) { Clock = clock, Flags = CallFlags.Library });
        return true;
    }

    /// <summary>A thread has entered the kernel: if for the same function, the library's call is that system call and not the vDSO's.</summary>
    public void Entered(long thread, string call)
    {
        if (_open.TryGetValue(thread, out (ulong Time, ImportedCall Call) open) && open.Call.Name == call)
        {
            _ = _open.Remove(thread);
            _ = _inKernel.Add(thread);
        }
        else
        {
            Flush(thread);
        }
    }

    /// <summary>Records calls whose return was not probed.</summary>
    public void Finish()
    {
        foreach (long thread in _open.Keys.Order().ToList())
            Flush(thread);
    }

    private void Flush(long thread)
    {
        if (_open.Remove(thread, out (ulong Time, ImportedCall Call) open))
            recorder.Call(open.Time, thread, open.Call);
    }

    private static string? Function(string name)
    {
        string bare = name.EndsWith("__return", StringComparison.Ordinal) ? name[..^"__return".Length] : name;
        bare = bare.TrimStart('_');
        bare = bare.StartsWith("vdso_", StringComparison.Ordinal) ? bare["vdso_".Length..] : bare;
        foreach (string function in Functions)
        {
            // perf numbers probes of one function: clock_gettime_1; ftrace names them p_FUNCTION_OFFSET.
            if (bare == function || bare.StartsWith(function + "_", StringComparison.Ordinal) || bare.StartsWith("p_" + function + "_", StringComparison.Ordinal))
                return function;
        }

        return null;
    }
}
