namespace CoSim.Os;

/// <summary>What the time code keeps for tasks and processes, from fork to exit.</summary>
public static unsafe partial class Time
{
    /// <summary>The initial namespaces, with a reference, for the first task.</summary>
    public static NsProxy* InitialNamespaces()
    {
        NsProxy* proxy = TimeNamespaces.InitialProxy;
        RefCount.Add(&proxy->Refs, 1);
        return proxy;
    }

    /// <summary>A task is being made; its CPU clocks start at zero with its run time.</summary>
    public static void TaskInit(Task* child, Task* parent) => child->TimeData = null;

    /// <summary>A task ends.</summary>
    public static void TaskExit(Task* task)
    {
    }

    /// <summary>The running task has taken a signal off its queue.</summary>
    public static void SignalTaken(SigInfo* info) => PosixTimerCalls.SignalTaken(info);

    /// <summary>A process is being made: timers are not inherited.</summary>
    public static void GroupInit(ThreadGroup* group) => group->TimeData = null;

    /// <summary>A process ends: its timers go.</summary>
    public static void GroupExit(ThreadGroup* group) => ProcessTimers.Destroy(group);

    /// <summary>A process executes a program: POSIX timers go, interval timers stay.</summary>
    public static void GroupExec(ThreadGroup* group)
    {
        ProcessTimers.Exec(group);
        // What timers have sent is not for the new program.
        SignalDelivery.DiscardCode(group, SignalCode.Timer);
    }

    /// <summary>
    /// Gives a child its namespaces. <paramref name="cloneFlags"/> carries CLONE_NEWTIME only for clone3: in clone(2) that bit
    /// is part of the exit signal.
    /// </summary>
    /// <returns>0, -EINVAL, -EPERM, -ENOSPC or -ENOMEM.</returns>
    public static int CopyNamespaces(ulong cloneFlags, Task* child, Task* parent)
    {
        NsProxy* proxy;
        if ((cloneFlags & CloneNewTime) != 0 && !HasNamespaces) return -Errno.EINVAL;
        // With CLONE_NEWUSER the child's user namespace, in which the parent may do everything, owns what is made.
        UserNamespace* owner = child->Cred->UserNs;
        NamespaceCreator creator = new(Permission.Capable(owner, Cap.SysAdmin), owner, child->Cred->Euid);
        // A child that has entered needs no unmapping: fork does not copy the time pages, they are faulted in anew.
        int error = TimeNamespaces.Clone(cloneFlags, parent->NsProxy, creator, out proxy, out _);
        child->NsProxy = proxy;
        return error;
    }

    /// <summary>Drops a task's reference.</summary>
    public static void PutNamespaces(NsProxy* proxy) => TimeNamespaces.PutProxy(proxy);

    /// <summary>execve, after the new address space is in place.</summary>
    /// <returns>0 or -ENOMEM.</returns>
    public static int ExecNamespaces(Task* task)
    {
        bool entered;
        int error = TimeNamespaces.Exec(&task->NsProxy, out entered);
        if (entered) VdsoMapping.Remap(task->Mm);
        return error;
    }

    /// <summary>Maps the time pages and the vDSO into a new address space.</summary>
    /// <param name="mm">The address space; not locked.</param>
    /// <param name="vdsoBase">Address of the vDSO's ELF header, for AT_SYSINFO_EHDR.</param>
    /// <returns>0 or -ENOMEM.</returns>
    public static int MapVdso(AddressSpace* mm, out ulong vdsoBase) => VdsoMapping.Map(mm, out vdsoBase);
}
