using CoSim.Guest;

namespace CoSim.Os;

/// <summary>What a new task is to be.</summary>
public struct CloneRequest
{
    public ulong Flags;             // CLONE_*, without the signal
    public int ExitSignal;
    public ulong Stack;             // user stack pointer, 0: the parent's
    public ulong ParentTid, ChildTid, Tls;
    public ulong PidFd;             // where CLONE_PIDFD puts the descriptor
}

/// <summary>Creating tasks: fork, vfork, clone, clone3 and kernel threads.</summary>
public static unsafe class ProcessFork
{
    /// <summary>What prctl(PR_GET_TIMERSLACK) says at first, in nanoseconds.</summary>
    private const ulong DefaultTimerSlack = 50_000;

    /// <summary>Creates a task as <paramref name="r"/> says and starts it. Returns its pid or -errno.</summary>
    public static long Clone(TrapFrame* frame, CloneRequest* r)
    {
        ulong flags = r->Flags;
        if ((flags & CloneFlags.Thread) != 0 && (flags & CloneFlags.SigHand) == 0) return -Errno.EINVAL;
        if ((flags & CloneFlags.SigHand) != 0 && (flags & CloneFlags.Vm) == 0) return -Errno.EINVAL;
        if ((flags & (CloneFlags.NewUser | CloneFlags.Fs)) == (CloneFlags.NewUser | CloneFlags.Fs)) return -Errno.EINVAL;
        if ((flags & CloneFlags.Thread) != 0 && (flags & CloneFlags.NewUser) != 0) return -Errno.EINVAL;
        if ((flags & CloneFlags.Unsupported) != 0) return -Errno.EINVAL;
        if ((flags & CloneFlags.PidFd) != 0 && (flags & (CloneFlags.Thread | CloneFlags.Detached)) != 0) return -Errno.EINVAL;
        if ((flags & (CloneFlags.PidFd | CloneFlags.ParentSetTid)) == (CloneFlags.PidFd | CloneFlags.ParentSetTid) && r->PidFd == r->ParentTid) return -Errno.EINVAL;
        Task* parent = Cpu.CurrentTask;
        Task* child = TaskList.Allocate();
        if (child == null) return -Errno.ENOMEM;
        int error = Build(frame, parent, child, r), pidFd = -1;
        if (error == 0 && (flags & CloneFlags.PidFd) != 0 && (pidFd = PidFd.CreateFor(child->Group, r->PidFd)) < 0) error = pidFd;
        if (error == 0)
        {
            int pid = TaskList.Add(child);
            if (pid < 0) error = pid;
        }
        if (error != 0)
        {
            if (pidFd >= 0) FileTable.Close(parent->Files, pidFd);
            Abandon(child);
            return error;
        }
        return Launch(parent, child, r);
    }

    private static int Build(TrapFrame* frame, Task* parent, Task* child, CloneRequest* r)
    {
        ulong flags = r->Flags;
        VectorRegisters.Capture(frame, parent);
        child->Vectors = parent->Vectors;
        child->Comm = parent->Comm;
        child->NoNewPrivileges = parent->NoNewPrivileges;
        child->TimerSlackNs = child->DefaultTimerSlackNs = parent->TimerSlackNs;
        child->SignalMask = parent->SignalMask;
        child->FsBase = (flags & CloneFlags.SetTls) != 0 ? r->Tls : parent->FsBase;
        child->GsBase = parent->GsBase;
        child->Sched.Nice = parent->Sched.Nice;
        child->Sched.AllowedCpus = parent->Sched.AllowedCpus;
        child->Sched.Cpu = parent->Sched.Cpu;
        child->Sched.VRuntime = parent->Sched.VRuntime;
        child->Flags = TaskFlags.ForkedNoExec;
        child->StartMonotonicNs = Time.MonotonicNs();
        child->StartBoottimeNs = Time.BoottimeNs();
        if ((flags & CloneFlags.ChildClearTid) != 0) child->ClearChildTid = r->ChildTid;
        Rseq.Inherit(child, parent, (flags & CloneFlags.Vm) != 0);
        if ((flags & (CloneFlags.Vm | CloneFlags.Vfork)) != CloneFlags.Vm)
        {
            child->AltStack = parent->AltStack;
            child->AltStackSize = parent->AltStackSize;
        }

        if ((flags & CloneFlags.Vm) != 0)
        {
            child->Mm = parent->Mm;
            Atomic.FetchAdd32(Text.Address(ref child->Mm->Refs), 1);
        }
        else if ((child->Mm = AddressSpace.Fork(parent->Mm)) == null) return -Errno.ENOMEM;

        child->Files = (flags & CloneFlags.Files) != 0 ? FileTable.Share(parent->Files) : FileTable.Copy(parent->Files);
        child->Fs = (flags & CloneFlags.Fs) != 0 ? FsContext.Share(parent->Fs) : FsContext.Copy(parent->Fs);
        child->Handlers = ShareHandlers(parent, flags);
        if (child->Files == null || child->Fs == null || child->Handlers == null) return -Errno.ENOMEM;

        child->Cred = (flags & CloneFlags.NewUser) != 0 ? Credentials.Copy(parent->Cred) : Credentials.Get(parent->Cred);
        if (child->Cred == null) return -Errno.ENOMEM;
        int error = (flags & CloneFlags.NewUser) != 0 ? UserNamespace.Create(child->Cred) : 0;
        if (error == 0) error = Time.CopyNamespaces(flags, child, parent);
        if (error != 0) return error;
        if ((flags & CloneFlags.Thread) != 0)
        {
            child->Group = parent->Group;
            Atomic.FetchAdd32(Text.Address(ref child->Group->Refs), 1);
        }
        else if ((child->Group = NewGroup(parent, r->ExitSignal)) == null) return -Errno.ENOMEM;
        Time.TaskInit(child, parent);
        PrepareStack(child, frame, r->Stack);
        return 0;
    }

    private static SignalHandlers* ShareHandlers(Task* parent, ulong flags)
    {
        if ((flags & CloneFlags.SigHand) != 0)
        {
            Atomic.FetchAdd32(Text.Address(ref parent->Handlers->Refs), 1);
            return parent->Handlers;
        }
        SignalHandlers* h = Heap.New<SignalHandlers>();
        if (h == null) return null;
        h->Actions = parent->Handlers->Actions;
        h->Refs = 1;
        if ((flags & CloneFlags.ClearSigHand) != 0)
            for (int s = 1; s <= Signal.Max; s++)
                if (SignalHandlers.Of(h, s)->Handler != SignalAction.Ignore) *SignalHandlers.Of(h, s) = default;
        return h;
    }

    private static ThreadGroup* NewGroup(Task* parent, int exitSignal)
    {
        ThreadGroup* g = Heap.New<ThreadGroup>();
        if (g == null) return null;
        g->Refs = 1;
        g->ExitSignal = exitSignal;
        g->ProcessGroup = parent->Group->ProcessGroup;
        g->Session = parent->Group->Session;
        g->Terminal = parent->Group->Terminal;
        g->Limits = parent->Group->Limits;
        Time.GroupInit(g);
        return g;
    }

    /// <summary>The child starts as if it came back from the same system call with result 0.</summary>
    private static void PrepareStack(Task* child, TrapFrame* parentFrame, ulong userStack)
    {
        TrapFrame* f = (TrapFrame*)(child->KernelStackTop - (ulong)sizeof(TrapFrame));
        *f = *parentFrame;
        f->Rax = 0;
        f->Vector = 0;
        if (userStack != 0) f->Rsp = userStack;
        PrepareSwitch(child, (ulong)(delegate*<Task*, void>)&UserStart, (ulong)f - 1024);
    }

    /// <summary>A task that has not run here yet starts in user mode with these registers, as far as user mode may have them.</summary>
    internal static void PrepareUser(Task* t, TrapFrame* registers)
    {
        const ulong UserFlags = 0x0024_0DD5; // ID AC OF DF TF SF ZF AF PF CF
        TrapFrame* f = (TrapFrame*)(t->KernelStackTop - (ulong)sizeof(TrapFrame));
        *f = *registers;
        f->Cs = Selector.UserCode;
        f->Ss = Selector.UserData;
        f->Flags = f->Flags & UserFlags | 0x202;
        if (f->Vector != TrapFrame.SystemCallVector) f->Vector = 0;
        PrepareSwitch(t, (ulong)(delegate*<Task*, void>)&UserStart, (ulong)f - 1024);
    }

    private static void PrepareSwitch(Task* t, ulong function, ulong top)
    {
        ulong* sp = (ulong*)(top & ~15UL);
        *--sp = Machine.ContextStart; // calls with the stack aligned as it finds it
        *--sp = 0;                  // RBP
        *--sp = (ulong)t;           // RBX: argument
        *--sp = function;           // R12
        *--sp = 0;
        *--sp = 0;
        *--sp = 0;
        t->KernelRsp = (ulong)sp;
    }

    /// <summary>First kernel code of a new user task, on its own stack.</summary>
    private static void UserStart(Task* t)
    {
        Scheduler.FinishSwitch();
        TrapFrame* f = (TrapFrame*)(t->KernelStackTop - (ulong)sizeof(TrapFrame));
        if (t->SetChildTid != 0) UserMemory.Write32(t->SetChildTid, (uint)t->Pid);
        Machine.Cli();
        VectorRegisters.Install(f, t);
        Traps.ReturnToUser(f);
        VectorRegisters.Install(f, t);
        Machine.ReturnToUser((CpuFrame*)f);
    }

    private static long Launch(Task* parent, Task* child, CloneRequest* r)
    {
        int pid = child->Pid;
        ulong irq = TaskList.Lock.AcquireIrqSave();
        ThreadGroup* g = child->Group;
        if ((r->Flags & CloneFlags.Thread) != 0)
        {
            child->NextInGroup = g->Leader->NextInGroup;
            g->Leader->NextInGroup = child;
            g->Threads++;
        }
        else
        {
            child->NextInGroup = child;
            g->Leader = child;
            g->Id = pid;
            g->Threads = 1;
            g->Parent = (r->Flags & CloneFlags.Parent) != 0 ? parent->Group->Parent : parent->Group;
            ProcessExit.AddChildLocked(g->Parent, g);
        }
        if (parent->Group->Exiting) SignalDelivery.Kick(child, true);
        TaskList.Lock.ReleaseIrqRestore(irq);

        if ((r->Flags & CloneFlags.ParentSetTid) != 0) UserMemory.Write32(r->ParentTid, (uint)pid);
        if ((r->Flags & CloneFlags.ChildSetTid) != 0) child->SetChildTid = r->ChildTid;
        bool vfork = (r->Flags & CloneFlags.Vfork) != 0;
        if (vfork)
        {
            parent->VforkDone = false;
            child->VforkParent = parent;
        }
        Scheduler.Start(child);
        if (vfork) WaitForVfork(parent);
        return pid;
    }

    private static void WaitForVfork(Task* parent)
    {
        for (; ; )
        {
            parent->State = TaskState.Uninterruptible;
            if (Atomic.Load32((int*)Text.Address(ref parent->VforkDone)) != 0) break;
            Scheduler.Schedule();
        }
        parent->State = TaskState.Running;
    }

    /// <summary>Undoes <see cref="Build"/> for a task that never ran and is not listed.</summary>
    private static void Abandon(Task* child)
    {
        AddressSpace.Put(child->Mm);
        FileTable.Put(child->Files);
        FsContext.Put(child->Fs);
        ProcessExit.PutHandlers(child->Handlers);
        if (child->NsProxy != null) Time.PutNamespaces(child->NsProxy);
        child->Refs = 1;
        TaskList.Put(child);
    }

    /// <summary>Starts a kernel thread. Returns it, or null when memory is out.</summary>
    public static Task* KernelThread(delegate*<void*, void> entry, void* argument, System.ReadOnlySpan<byte> name)
    {
        Task* t = TaskList.Allocate();
        if (t == null) return null;
        InitKernelTask(t, name);
        t->KernelEntry = entry;
        t->KernelArgument = argument;
        // Below the place of a user frame, which the first task will need.
        PrepareSwitch(t, (ulong)(delegate*<Task*, void>)&KernelStart, t->KernelStackTop - 1024);
        if (TaskList.Add(t) < 0) return null;
        t->Group->Id = t->Pid;
        Scheduler.Start(t);
        return t;
    }

    /// <summary>Fills in a task that has no user side; it is alone in its process and has no parent.</summary>
    public static void InitKernelTask(Task* t, System.ReadOnlySpan<byte> name)
    {
        t->Flags = TaskFlags.KernelThread;
        t->Sched.AllowedCpus = ulong.MaxValue;
        TaskList.SetName(t, Text.Literal(name), name.Length);
        ThreadGroup* g = Heap.New<ThreadGroup>();
        g->Refs = 1;
        g->Leader = t;
        g->Threads = 1;
        t->Group = g;
        t->NextInGroup = t;
        t->NsProxy = Time.InitialNamespaces();
        t->Cred = Credentials.CreateInitial();
        t->TimerSlackNs = t->DefaultTimerSlackNs = DefaultTimerSlack;
        Time.GroupInit(g);
        Time.TaskInit(t, null);
    }

    private static void KernelStart(Task* t)
    {
        Scheduler.FinishSwitch();
        Machine.Sti();
        t->KernelEntry(t->KernelArgument);
        ProcessExit.ExitKernelThread();
    }
}
