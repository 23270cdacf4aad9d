namespace CoSim.Os.Timekeeping;

/// <summary>The time code's files in /proc and /sys.</summary>
internal static unsafe class TimeFiles
{
    private const int PageSize = 4096;

    /// <summary>Registers them; after both file systems exist.</summary>
    internal static void Register()
    {
        SysFs.AddFile("devices/system/clocksource/clocksource0/available_clocksource"u8, 0x124, &ShowAvailable, null);
        SysFs.AddFile("devices/system/clocksource/clocksource0/current_clocksource"u8, 0x1A4, &ShowCurrent, &WriteCurrent);
        SysFs.AddFile("devices/system/clocksource/clocksource0/unbind_clocksource"u8, 0x80, null, &WriteUnbind);
        if (Time.HasNamespaces)
        {
            ProcFs.AddProcessFile("timens_offsets"u8, 0x1A4, &ShowOffsets, &WriteOffsets);
            ProcFs.AddTaskNamespace("time"u8, &NamespaceFiles.ForTask);
            ProcFs.AddTaskNamespace("time_for_children"u8, &NamespaceFiles.ForChildren);
        }
        ProcFs.AddTaskNamespace("user"u8, &NamespaceFiles.UserForTask);
        UserNamespaceFiles.Register();
        RtcFile.Register();
        ProcFs.AddFile("timer_list"u8, 0x100, &TimerList.Show, null);
    }

    private static int ShowAvailable(TextBuffer* text, Task* task, void* context)
    {
        Clocksources.FormatAvailable(text);
        return 0;
    }

    private static int ShowCurrent(TextBuffer* text, Task* task, void* context)
    {
        Clocksources.FormatCurrent(text);
        return 0;
    }

    private static long WriteCurrent(File* file, Task* task, byte* text, ulong count, long position) => Clocksources.SetOverride(text, count);

    private static long WriteUnbind(File* file, Task* task, byte* text, ulong count, long position) => Clocksources.UnbindByName(text, count);

    private static bool Numeric => TimeNamespaces.Semantics <= OsSemantics.Linux56;

    private static int ShowOffsets(TextBuffer* text, Task* task, void* context)
    {
        TimeNamespace* ns = NamespaceFiles.GetForChildren(task);
        if (ns == null) return 0; // of a zombie: empty
        TimensText.Format(text, &ns->Offsets, Numeric);
        TimeNamespaces.Put(ns);
        return 0;
    }

    /// <summary>
    /// Errors in order: EINVAL for position, size and text, ESRCH, then those of <see cref="TimeNamespaces.SetOffsets"/> (time
    /// namespace reference, section 3). The position never moves, so one descriptor may be written again.
    /// </summary>
    private static long WriteOffsets(File* file, Task* task, byte* text, ulong count, long position)
    {
        if (position != 0 || count >= PageSize) return -Errno.EINVAL;
        TimensRequest request;
        int error = TimensText.Parse(text, (int)count, &request, Numeric);
        if (error != 0) return error;
        TimeNamespace* ns = task == null ? null : NamespaceFiles.GetForChildren(task);
        if (ns == null) return -Errno.ESRCH;
        error = TimeNamespaces.SetOffsets(ns, &request, UserNamespace.Capable(file->Cred, ns->UserNs, Cap.SysTime),
            Timespec.FromNsec(Time.MonotonicNs()), Timespec.FromNsec(Time.BoottimeNs()));
        TimeNamespaces.Put(ns);
        return error != 0 ? error : request.Consumed;
    }
}
