using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>One resource limit.</summary>
public struct ResourceLimit { public ulong Soft, Hard; }

[InlineArray(16)]
public struct ResourceLimits { private ResourceLimit _first; }

/// <summary>The state shared by all threads of a process (Linux's signal_struct). Protected by <see cref="TaskList.Lock"/>.</summary>
public unsafe struct ThreadGroup
{
    public int Refs;
    public int Id;                  // tgid
    public int ProcessGroup, Session;
    public Task* Leader;
    public int Threads;             // not yet exited

    public bool Exiting;            // exit_group or a fatal signal: every thread must go
    public int ExitCode;            // wait status format
    public bool Reaped;             // off the lists
    public bool Zombie;             // all threads have exited, the parent has not yet been told everything

    public ThreadGroup* Parent;
    public ThreadGroup* FirstChild;
    public ThreadGroup* NextSibling, PreviousSibling;
    public int ExitSignal;          // sent to the parent when the group ends; 0 none

    public PendingSignals Pending;
    public WaitQueue ChildEvents;   // waiters in wait4 and friends
    public WaitQueue Ended;         // polls of its pidfds

    /// <summary>The thread that waits in exec or for the others to be gone.</summary>
    public Task* GroupExitWaiter;

    /// <summary>The freezer wants every thread to stop before it enters user mode.</summary>
    public bool Frozen;

    public int StopSignal;          // stopped by; 0 not stopped
    public bool StopUnreported, ContinueUnreported;

    // CPU time of threads and children that have ended, nanoseconds.
    public ulong EndedUserNs, EndedSystemNs, EndedRuntimeNs, ChildrenUserNs, ChildrenSystemNs;
    public ResourceLimits Limits;
    public Tty* Terminal;

    /// <summary>Belongs to os/Kernel/Time: POSIX timers and itimers of the process.</summary>
    public void* TimeData;
}
