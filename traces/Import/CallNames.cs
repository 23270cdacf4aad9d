namespace CoSim.Traces.Import;

/// <summary>System calls by what they may do to a program's time.</summary>
internal static class CallNames
{
    private static readonly HashSet<string> Waiting = new(StringComparer.Ordinal)
    {
        "read", "readv", "pread64", "write", "writev", "recvfrom", "recvmsg", "recvmmsg", "sendto", "sendmsg", "accept", "accept4", "connect", "wait4", "waitid", "pause",
        "rt_sigsuspend", "rt_sigtimedwait", "poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2", "futex", "futex_waitv", "nanosleep",
        "clock_nanosleep", "flock", "fcntl", "io_getevents", "io_pgetevents", "io_uring_enter", "semop", "semtimedop", "msgrcv", "msgsnd", "mq_timedreceive",
        "mq_timedsend", "vfork", "splice", "sendfile", "fsync", "fdatasync", "sync", "ioctl", "open", "openat",
    };

    /// <summary>Whether a call may wait for something else than the processor.</summary>
    public static bool Waits(string name) => Waiting.Contains(name);

    /// <summary>A call without the suffixes of its variants: "clock_gettime64" is "clock_gettime", "futex_time64" is "futex".</summary>
    public static string Canonical(string name) => name switch
    {
        "_newselect" => "select",
        _ when name.EndsWith("_time64", StringComparison.Ordinal) => name[..^"_time64".Length],
        _ when name.StartsWith("clock_", StringComparison.Ordinal) && name.EndsWith("64", StringComparison.Ordinal) => name[..^2],
        _ => name,
    };
}
