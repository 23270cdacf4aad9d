namespace CoSim.Os;

/// <summary>The objects of an image, by kind and number, and the time of the namespace that its processes live in.</summary>
internal unsafe struct ImageObjects
{
    internal ObjectTable Groups, Tasks, Inodes, Pipes, Files, Tables, Memories, Places, Handlers, Users, TimeSpaces, Proxies, Queues;

    /// <summary>What is wrong, for whoever asked: a NUL-terminated line; empty while nothing is.</summary>
    internal ImageComplaint Complaint;

    internal void Release()
    {
        Groups.Release();
        Tasks.Release();
        Inodes.Release();
        Pipes.Release();
        Files.Release();
        Tables.Release();
        Memories.Release();
        Places.Release();
        Handlers.Release();
        Users.Release();
        TimeSpaces.Release();
        Proxies.Release();
        Queues.Release();
    }
}

/// <summary>A line that says why processes cannot be saved or restored.</summary>
[System.Runtime.CompilerServices.InlineArray(256)]
internal struct ImageComplaint
{
    private byte _first;

    /// <summary>Writes the line; returns <paramref name="error"/>, the negated errno that goes with it.</summary>
    internal static unsafe int Say(ImageComplaint* complaint, int error, System.ReadOnlySpan<byte> format, ulong a, ulong b, ulong c)
    {
        TextBuffer text = new((byte*)complaint, 255);
        text.Format(format, a, b, c);
        ((byte*)complaint)[text.Length] = 0;
        return -error;
    }
}

/// <summary>Kinds of open files in an image.</summary>
internal enum ImageFileKind : ulong { Regular = 1, Path = 2, PipeReader = 3, PipeWriter = 4, EventFd = 5, TimerFd = 6, Epoll = 7, Process = 8, Namespace = 9, OfProcess = 10, MessageQueue = 11 }

/// <summary>How a system call that was interrupted goes on (restart_syscall).</summary>
internal enum ImageRestart : ulong { None = 0, Sleep = 1, Futex = 2, Poll = 3 }

/// <summary>
/// Moves times between the host's clocks and those that the processes see. In an image all times are the processes'; a time that never
/// comes stays so.
/// </summary>
internal struct ImageClock
{
    /// <summary>To be added to host time for the processes' time, in nanoseconds.</summary>
    internal long Monotonic, Boottime;

    internal readonly long Offset(byte basis) => basis switch
    {
        HrtimerBase.Monotonic => Monotonic,
        HrtimerBase.Boottime => Boottime,
        _ => 0,
    };

    /// <summary>Host time of a base as the processes see it.</summary>
    internal readonly long ToProcesses(byte basis, long host) => host == TimeUnits.KtimeMax ? host : host + Offset(basis);

    /// <summary>The processes' time as host time; before the start of the host's clock: 0, which has passed.</summary>
    internal readonly long ToHost(byte basis, long time)
    {
        if (time == TimeUnits.KtimeMax) return time;
        long host = time - Offset(basis);
        return host < 0 ? 0 : host;
    }
}
