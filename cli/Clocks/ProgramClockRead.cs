using CoSim.Hw.Simulation;

namespace CoSim.Cli.Clocks;

/// <summary>A program has read a clock of its operating system and is about to use the value.</summary>
internal readonly record struct ProgramClockRead
{
    /// <summary>The core on which the call ended.</summary>
    public required int Core { get; init; }

    /// <summary>The core on which it began; another one when the thread moved meanwhile.</summary>
    public required int FromCore { get; init; }

    /// <summary>Where the program goes on.</summary>
    public required ulong Rip { get; init; }

    /// <summary>Number of the system call that does the same: clock_gettime, gettimeofday or time.</summary>
    public required int Call { get; init; }

    /// <summary>The clock's number (include/uapi/linux/time.h); negative for the CPU clocks of a process or thread.</summary>
    public required int Clock { get; init; }

    /// <summary>When the call began.</summary>
    public required SimTime Since { get; init; }

    /// <summary>When it ended.</summary>
    public required SimTime Time { get; init; }

    /// <summary>What it returned, in nanoseconds.</summary>
    public required long Nanoseconds { get; init; }

    /// <summary>Nanoseconds of its last digit: the clock showed that much more at most, less one.</summary>
    public required long Unit { get; init; }

    /// <summary>Whether the program called the vDSO.</summary>
    public required bool ByVdso { get; init; }

    /// <summary>Whether the kernel was called, by the program or by the vDSO.</summary>
    public required bool BySystemCall { get; init; }

    /// <summary>The process: its page table (CR3).</summary>
    public required ulong AddressSpace { get; init; }

    /// <summary>The thread: the base of FS.</summary>
    public required ulong Thread { get; init; }

    /// <summary>The time namespace that it was read in.</summary>
    public required TimeNamespaceId Namespace { get; init; }
}

/// <summary>
/// Tells time namespaces apart by the data page that the vDSO finds first: the kernel maps the namespace's own there
/// (Linux, lib/vdso/gettimeofday.c; time_namespaces(7)).
/// </summary>
/// <param name="Page">Its physical address; 0 while the process has not used the vDSO, so that its namespace is not known.</param>
/// <param name="Offset">What the page adds to the clock, in nanoseconds; 0 outside namespaces. A page may belong to another one later.</param>
internal readonly record struct TimeNamespaceId(ulong Page, long Offset);

/// <summary>Hears of the clocks that programs read.</summary>
internal interface IProgramClockObserver
{
    /// <summary>A program has read a clock.</summary>
    void OnProgramClock(in ProgramClockRead read);
}
