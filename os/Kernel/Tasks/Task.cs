namespace CoSim.Os;

/// <summary>What a task is doing. Only the scheduler moves a task out of the run queue.</summary>
public enum TaskState { Running = 0, Interruptible = 1, Uninterruptible = 2, Stopped = 4, Zombie = 16, Dead = 32 }

/// <summary>A schedulable thread (Linux's task_struct). Unmanaged memory of the kernel heap; reference counted.</summary>
public unsafe struct Task
{
    /// <summary>Saved stack pointer while not running; the switch stub's only link to the task.</summary>
    public ulong KernelRsp;
    public ulong KernelStack;       // lowest address
    public ulong KernelStackTop;

    public volatile TaskState State;
    public int Refs;
    public int Pid;                 // thread id
    public int ExitCode;            // wait status format
    public volatile int PendingWork; // TaskWork bits, tested on every return to user mode
    public TaskFlags Flags;

    public ThreadGroup* Group;
    public Task* NextInGroup;       // circular
    public Task* NextTask, PreviousTask; // all tasks
    public Task* NextInHash;

    public AddressSpace* Mm;        // null for kernel threads
    public FileTable* Files;
    public FsContext* Fs;
    public SignalHandlers* Handlers;

    /// <summary>Namespaces. Shared between tasks and reference counted; the time code owns its rules.</summary>
    public NsProxy* NsProxy;

    public SignalState Signals;
    public ulong FsBase, GsBase;    // user
    public ulong ClearChildTid;     // user address, 0 none
    public ulong RobustList;
    public CommName Comm;

    // Scheduling.
    public SchedEntity Sched;

    // Accounting, nanoseconds.
    public ulong UserNs, SystemNs;
    public ulong StartMonotonicNs, StartBoottimeNs;

    /// <summary>Where a futex, poll or timer sleep keeps what restart_syscall needs.</summary>
    public RestartBlock Restart;

    public FutexWaiter Futex;
    public void* VforkDone;         // CompletionState of the parent

    /// <summary>Belongs to os/Kernel/Time: per-thread CPU clocks and the like.</summary>
    public void* TimeData;
}

[System.Flags]
public enum TaskFlags { None = 0, KernelThread = 1, Idle = 2, Exiting = 4, ForkedNoExec = 8, Traced = 16 }

/// <summary>Bits of <see cref="Task.PendingWork"/>.</summary>
public static class TaskWork
{
    public const int Signal = 1, Reschedule = 2, Notify = 4;
}

/// <summary>Namespaces of a task (Linux's nsproxy). Tasks that never changed theirs share the initial one.</summary>
public unsafe struct NsProxy
{
    public int Refs;

    /// <summary>What the task sees.</summary>
    public TimeNamespace* TimeNs;

    /// <summary>What its children will see; /proc/PID/timens_offsets shows and sets this one.</summary>
    public TimeNamespace* TimeNsForChildren;
}

/// <summary>The state shared by all threads of a process (Linux's signal_struct).</summary>
public unsafe struct ThreadGroup
{
    public int Refs;
    public int Id;                  // tgid
    public int ProcessGroup, Session;
    public Task* Leader;
    public int Threads;
    public int ExitStatus;
    public bool Exiting;
    public Task* ExecTask;
    public ThreadGroup* Parent;
    public ThreadGroup* FirstChild, NextSibling, PreviousSibling;
    public int ExitSignal;          // sent to the parent when the group ends; 0 none
    public bool Waited;
    public SpinLock Lock;
    public PendingSignals Pending;
    public WaitQueue ChildExit;     // waiters in wait4 and friends
    public Task* GroupExitWaiter;
    public bool StopReported, ContinueReported;
    public int StopSignal;

    // CPU time of threads and children that have ended, nanoseconds.
    public ulong EndedUserNs, EndedSystemNs, ChildrenUserNs, ChildrenSystemNs;
    public Limits Limits;
    public Tty* ControllingTty;

    /// <summary>Belongs to os/Kernel/Time: POSIX timers and itimers of the process.</summary>
    public void* TimeData;
}
