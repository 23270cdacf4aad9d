using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>What a task is doing. Only the scheduler moves a task out of the run queue.</summary>
[System.Flags]
public enum TaskState { Running = 0, Interruptible = 1, Uninterruptible = 2, Stopped = 4, Zombie = 16, Dead = 32 }

[System.Flags]
public enum TaskFlags { None = 0, KernelThread = 1, Idle = 2, Exiting = 4, ForkedNoExec = 8 }

/// <summary>Bits of <see cref="Task.PendingWork"/>.</summary>
public static class TaskWork
{
    public const int Signal = 1;

    /// <summary>See <see cref="CoSim.Os.Rseq"/>.</summary>
    public const int Rseq = 2;
}

/// <summary>A task's short name, NUL-terminated (TASK_COMM_LEN = 16).</summary>
[InlineArray(16)]
public struct CommName { private byte _first; }

/// <summary>An FXSAVE image.</summary>
[InlineArray(64)]
public struct VectorState { private ulong _first; }

/// <summary>What restart_syscall continues after a signal without handler: a relative sleep's absolute end.</summary>
public unsafe struct RestartBlock
{
    public delegate*<RestartBlock*, long> Function;
    public ulong A, B, C, D;
}

/// <summary>A schedulable thread (Linux's task_struct). Unmanaged memory of the kernel heap; reference counted.</summary>
public unsafe struct Task
{
    /// <summary>Vector state of user mode while the task does not run. First: FXSAVE needs 16-byte alignment.</summary>
    public VectorState Vectors;

    /// <summary>Saved stack pointer while not running; the switch stub's only link to the task.</summary>
    public ulong KernelRsp;
    public ulong KernelStack;       // physical address of the lowest byte
    public ulong KernelStackTop;

    public volatile TaskState State;
    public int Refs;
    public int Pid;                 // thread id
    public int ExitCode;            // wait status format
    public int PendingWork; // TaskWork bits, tested on every return to user mode
    public TaskFlags Flags;

    public ThreadGroup* Group;
    public Task* NextInGroup;       // circular
    public Task* NextTask, PreviousTask; // all tasks, in order of creation

    public AddressSpace* Mm;        // null for kernel threads
    public FileTable* Files;
    public FsContext* Fs;
    public SignalHandlers* Handlers;

    /// <summary>Namespaces. Shared between tasks and reference counted; the time code owns its rules.</summary>
    public NsProxy* NsProxy;

    public ulong SignalMask, SavedMask;
    public bool RestoreMask;        // a call such as sigsuspend left SavedMask to be put back
    public PendingSignals Pending;
    public ulong AltStack, AltStackSize;
    public int AltStackFlags;

    public ulong FsBase, GsBase;    // user
    public ulong ClearChildTid, SetChildTid; // user addresses, 0 none
    public ulong RobustList;
    public ulong RseqArea;          // user address, 0 none
    public uint RseqSignature;
    public CommName Comm;

    public SchedEntity Sched;

    // Accounting.
    public ulong UserNs, SystemNs, MinorFaults;

    /// <summary>The last fault, for the signal frame: vector, error code, address (CR2).</summary>
    public ulong LastTrap, LastTrapError, LastTrapAddress;
    public long StartMonotonicNs, StartBoottimeNs;

    /// <summary>Another thread called exec: this one must leave.</summary>
    public bool Killed;

    public Credentials* Cred;

    /// <summary>prctl(2): PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, PR_SET_TIMERSLACK in nanoseconds and its default.</summary>
    public bool NoNewPrivileges;
    public int ParentDeathSignal;
    public ulong TimerSlackNs, DefaultTimerSlackNs;

    /// <summary>The vector state while the freezer holds the thread at the border to user mode; null while it moves.</summary>
    public VectorState* Held;

    public RestartBlock Restart;
    public FutexWaiter Futex;

    /// <summary>Set in a vfork child: the parent to wake at exec or exit.</summary>
    public Task* VforkParent;
    public bool VforkDone;

    /// <summary>Entry and argument of a kernel thread.</summary>
    public delegate*<void*, void> KernelEntry;
    public void* KernelArgument;

    /// <summary>Belongs to os/Kernel/Time: per-thread CPU clocks and the like.</summary>
    public void* TimeData;
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
