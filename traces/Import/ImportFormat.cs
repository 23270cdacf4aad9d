namespace CoSim.Traces.Import;

/// <summary>What has made a recording.</summary>
public enum ImportFormat
{
    /// <summary>strace with -ttt (or -tt); -f and -T as wanted.</summary>
    Strace = 0,

    /// <summary>perf script.</summary>
    PerfScript = 1,

    /// <summary>The trace file of ftrace, or trace-cmd report.</summary>
    Ftrace = 2,
}
