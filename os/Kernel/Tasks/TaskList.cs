using CoSim.Guest;

namespace CoSim.Os;

/// <summary>All tasks, process ids, and the lock of the process tree and of pending signals (taken with interrupts off).</summary>
public static unsafe class TaskList
{
    /// <summary>4 pages, as Linux on x86-64.</summary>
    public const int StackOrder = 2;

    public const int MaxPid = 32768;

    public static SpinLock Lock;

    /// <summary>Oldest task; follow NextTask.</summary>
    public static Task* First;
    private static Task* s_last;
    private static int s_lastPid;

    /// <summary>The process that adopts orphans: init.</summary>
    public static ThreadGroup* Init;

    /// <summary>Tasks alive, and the pid given out last, for /proc/loadavg.</summary>
    public static int Count;

    public static int LastPid => s_lastPid;

    /// <summary>A task with a kernel stack, references for being listed and for running, and nothing else; null when memory is out.</summary>
    public static Task* Allocate()
    {
        Task* t = Heap.New<Task>();
        if (t == null) return null;
        t->KernelStack = PageAllocator.Allocate(StackOrder);
        if (t->KernelStack == 0)
        {
            Heap.Free(t);
            return null;
        }
        t->KernelStackTop = (ulong)DirectMap.Pointer(t->KernelStack) + (KernelMap.PageSize << StackOrder);
        t->Sched.LentNice = SchedEntity.NothingLent;
        t->Refs = 2; // being listed, and running
        return t;
    }

    /// <summary>Gives the task a pid and lists it. The lock is not held. Returns the pid, or -EAGAIN.</summary>
    public static int Add(Task* t)
    {
        ulong flags = Lock.AcquireIrqSave();
        for (int tries = 0; tries < MaxPid; tries++)
        {
            s_lastPid = s_lastPid + 1 >= MaxPid ? 300 : s_lastPid + 1;
            if (FindLocked(s_lastPid) != null) continue;
            AppendLocked(t, s_lastPid);
            Lock.ReleaseIrqRestore(flags);
            return t->Pid;
        }
        Lock.ReleaseIrqRestore(flags);
        return -Errno.EAGAIN;
    }

    private static void AppendLocked(Task* t, int pid)
    {
        t->Pid = pid;
        t->PreviousTask = s_last;
        if (s_last != null) s_last->NextTask = t;
        else First = t;
        s_last = t;
        Count++;
    }

    /// <summary>Lists the task under a number that it had elsewhere. The lock is not held. 0, -EINVAL or -EEXIST.</summary>
    public static int AddAs(Task* t, int pid)
    {
        if (pid <= 0 || pid >= MaxPid) return -Errno.EINVAL;
        ulong flags = Lock.AcquireIrqSave();
        int r = FindLocked(pid) != null ? -Errno.EEXIST : 0;
        if (r == 0) AppendLocked(t, pid);
        Lock.ReleaseIrqRestore(flags);
        return r;
    }

    /// <summary>Sets the number after which the next one is looked for.</summary>
    public static void SetLastPid(int pid)
    {
        ulong flags = Lock.AcquireIrqSave();
        s_lastPid = pid;
        Lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Takes a task off the list; the lock is held.</summary>
    public static void RemoveLocked(Task* t)
    {
        if (t->PreviousTask != null) t->PreviousTask->NextTask = t->NextTask;
        else First = t->NextTask;
        if (t->NextTask != null) t->NextTask->PreviousTask = t->PreviousTask;
        else s_last = t->PreviousTask;
        Count--;
    }

    /// <summary>The task with this thread id, or null; the lock is held.</summary>
    public static Task* FindLocked(int pid)
    {
        for (Task* t = First; t != null; t = t->NextTask) if (t->Pid == pid) return t;
        return null;
    }

    /// <summary>The task with this thread id, with a reference (<see cref="Put"/>), or null.</summary>
    public static Task* Find(int pid)
    {
        ulong flags = Lock.AcquireIrqSave();
        Task* t = FindLocked(pid);
        if (t != null) Get(t);
        Lock.ReleaseIrqRestore(flags);
        return t;
    }

    /// <summary>Takes a reference.</summary>
    public static void Get(Task* t) => Atomic.FetchAdd32(Text.Address(ref t->Refs), 1);

    /// <summary>Drops a reference; the last frees the task and its stack.</summary>
    public static void Put(Task* t)
    {
        if (Atomic.FetchAdd32(Text.Address(ref t->Refs), -1) != 1) return;
        PageAllocator.Free(t->KernelStack, StackOrder);
        Credentials.Put(t->Cred);
        if (t->Group != null && Atomic.FetchAdd32(Text.Address(ref t->Group->Refs), -1) == 1) Heap.Free(t->Group);
        Heap.Free(t);
    }

    /// <summary>Sets the short name from the last component of a path.</summary>
    public static void SetName(Task* t, byte* path, int length)
    {
        int start = 0;
        for (int i = 0; i < length; i++) if (path[i] == '/') start = i + 1;
        byte* comm = (byte*)Text.Address(ref t->Comm);
        int n = Bits.Min(length - start, 15);
        for (int i = 0; i < 16; i++) comm[i] = i < n ? path[start + i] : (byte)0;
    }
}
