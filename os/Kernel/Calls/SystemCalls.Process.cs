using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Processes and threads.</summary>
public static unsafe partial class SystemCalls
{
    private const ulong ArchSetGs = 0x1001, ArchSetFs = 0x1002, ArchGetFs = 0x1003, ArchGetGs = 0x1004;

    private static void RegisterProcess()
    {
        Set(Nr.Clone, &Clone);
        Set(Nr.Clone3, &Clone3);
        Set(Nr.Fork, &Fork);
        Set(Nr.Vfork, &Vfork);
        Set(Nr.Execve, &ExecveCall);
        Set(Nr.Exit, &Exit);
        Set(Nr.ExitGroup, &ExitGroup);
        Set(Nr.Wait4, &ProcessWait.Wait4);
        Set(Nr.Waitid, &ProcessWait.WaitId);
        Set(Nr.Futex, &Futex.Call);
        Set(Nr.FutexWaitv, &Futex.WaitVector);
        Set(Nr.PidfdOpen, &PidFd.Open);
        Set(Nr.PidfdSendSignal, &PidFd.SendSignal);
        SetLean(Nr.SetTidAddress, &SetTidAddress);
        SetLean(Nr.SetRobustList, &SetRobustList);
        Set(Nr.GetRobustList, &GetRobustList);
        SetLean(Nr.ArchPrctl, &ArchPrctl);
        Set(Nr.RestartSyscall, &RestartSyscall);
        Set(Nr.SchedYield, &SchedYield);
        Set(Nr.SchedSetaffinity, &SchedSetAffinity);
        Set(Nr.SchedGetaffinity, &SchedGetAffinity);
        Set(Nr.SchedGetscheduler, &SchedGetScheduler);
        Set(Nr.SchedSetscheduler, &SchedSetScheduler);
        Set(Nr.SchedGetparam, &SchedGetParameter);
        Set(Nr.SchedSetparam, &SchedSetParameter);
        Set(Nr.SchedGetPriorityMax, &SchedPriorityLimit);
        Set(Nr.SchedGetPriorityMin, &SchedPriorityLimit);
        Set(Nr.Getpriority, &GetPriority);
        Set(Nr.Setpriority, &SetPriority);
        Set(Nr.Membarrier, &Membarrier);
        SetLean(Nr.Getcpu, &GetCpu);
    }

    private static long Clone(TrapFrame* f)
    {
        CloneRequest r = default;
        // Here 80h is part of the signal number, not CLONE_NEWTIME.
        r.Flags = f->Rdi & ~CloneFlags.SignalMask & 0xFFFF_FFFF;
        r.ExitSignal = (int)(f->Rdi & CloneFlags.SignalMask);
        r.Stack = f->Rsi;
        r.ParentTid = r.PidFd = f->Rdx;
        r.ChildTid = f->R10;
        r.Tls = f->R8;
        return ProcessFork.Clone(f, &r);
    }

    private static long Clone3(TrapFrame* f)
    {
        const ulong Version0 = 64, Version2 = 88;
        ulong size = f->Rsi;
        if (size > 4096) return -Errno.E2BIG;
        if (size < Version0) return -Errno.EINVAL;
        ulong* a = stackalloc ulong[11];
        for (int i = 0; i < 11; i++) a[i] = 0;
        if (UserMemory.CopyFrom(a, f->Rdi, Bits.Min(size, Version2)) != 0) return -Errno.EFAULT;
        for (ulong at = Version2; at < size; at++)
        {
            byte extra = 0;
            if (UserMemory.CopyFrom(&extra, f->Rdi + at, 1) != 0) return -Errno.EFAULT;
            if (extra != 0) return -Errno.E2BIG;
        }
        if ((a[0] & ~(CloneFlags.Legacy | CloneFlags.ClearSigHand)) != 0 || a[4] > Signal.Max || (a[5] == 0) != (a[6] == 0)) return -Errno.EINVAL;
        if ((a[0] & (CloneFlags.SignalMask & ~CloneFlags.NewTime | CloneFlags.Detached)) != 0 || (a[0] & (CloneFlags.Thread | CloneFlags.Parent)) != 0 && a[4] != 0) return -Errno.EINVAL;
        if ((a[0] & (CloneFlags.SigHand | CloneFlags.ClearSigHand)) == (CloneFlags.SigHand | CloneFlags.ClearSigHand)) return -Errno.EINVAL;
        if (a[8] != 0) return -Errno.EINVAL; // set_tid
        CloneRequest r = default;
        r.Flags = a[0];
        r.ExitSignal = (int)a[4];
        r.Stack = a[5] == 0 ? 0 : a[5] + a[6];
        r.PidFd = a[1];
        r.ParentTid = a[3];
        r.ChildTid = a[2];
        r.Tls = a[7];
        return ProcessFork.Clone(f, &r);
    }

    private static long Fork(TrapFrame* f)
    {
        CloneRequest r = default;
        r.ExitSignal = Signal.CHLD;
        return ProcessFork.Clone(f, &r);
    }

    private static long Vfork(TrapFrame* f)
    {
        CloneRequest r = default;
        r.Flags = CloneFlags.Vfork | CloneFlags.Vm;
        r.ExitSignal = Signal.CHLD;
        return ProcessFork.Clone(f, &r);
    }

    private static long ExecveCall(TrapFrame* f) => ProcessExec.Call(f);

    private static long Exit(TrapFrame* f)
    {
        ProcessExit.ExitThread((int)(f->Rdi & 0xFF) << 8);
        return 0;
    }

    private static long ExitGroup(TrapFrame* f)
    {
        ProcessExit.ExitGroup((int)(f->Rdi & 0xFF) << 8);
        return 0;
    }

    private static long SetTidAddress(TrapFrame* f)
    {
        Cpu.CurrentTask->ClearChildTid = f->Rdi;
        return Cpu.CurrentTask->Pid;
    }

    private static long SetRobustList(TrapFrame* f)
    {
        if (f->Rsi != 24) return -Errno.EINVAL;
        Cpu.CurrentTask->RobustList = f->Rdi;
        return 0;
    }

    private static long GetRobustList(TrapFrame* f)
    {
        if ((int)f->Rdi != 0 && (int)f->Rdi != Cpu.CurrentTask->Pid) return -Errno.EPERM;
        return UserMemory.Write64(f->Rsi, Cpu.CurrentTask->RobustList) != 0 || UserMemory.Write64(f->Rdx, 24) != 0 ? -Errno.EFAULT : 0;
    }

    private static long ArchPrctl(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        switch (f->Rdi)
        {
            case ArchSetFs:
                if (f->Rsi >= KernelMap.UserEnd) return -Errno.EPERM;
                t->FsBase = Cpu.Current->FsBase = f->Rsi;
                Machine.Wrmsr(0xC000_0100, f->Rsi);
                return 0;
            case ArchSetGs:
                if (f->Rsi >= KernelMap.UserEnd) return -Errno.EPERM;
                t->GsBase = Cpu.Current->GsBase = f->Rsi;
                Machine.Wrmsr(0xC000_0102, f->Rsi); // the user's base while the kernel runs
                return 0;
            case ArchGetFs: return UserMemory.Write64(f->Rsi, t->FsBase);
            case ArchGetGs: return UserMemory.Write64(f->Rsi, t->GsBase);
            default: return -Errno.EINVAL;
        }
    }

    private static long RestartSyscall(TrapFrame* f)
    {
        RestartBlock* b = &Cpu.CurrentTask->Restart;
        return b->Function == null ? -Errno.EINTR : b->Function(b);
    }

    private static long SchedYield(TrapFrame* f)
    {
        Scheduler.Yield();
        return 0;
    }

    /// <summary>The task a pid names (0: the caller), with a reference, or null.</summary>
    private static Task* FindTask(int pid)
    {
        if (pid != 0) return TaskList.Find(pid);
        TaskList.Get(Cpu.CurrentTask);
        return Cpu.CurrentTask;
    }

    private static long SchedSetAffinity(TrapFrame* f)
    {
        ulong mask = 0;
        if (UserMemory.CopyFrom(&mask, f->Rdx, Bits.Min(f->Rsi, 8)) != 0) return -Errno.EFAULT;
        mask &= Cpu.Possible == 64 ? ulong.MaxValue : (1UL << Cpu.Possible) - 1;
        if (mask == 0) return -Errno.EINVAL;
        Task* t = FindTask((int)f->Rdi);
        if (t == null) return -Errno.ESRCH;
        Scheduler.SetAffinity(t, mask);
        TaskList.Put(t);
        return 0;
    }

    private static long SchedGetAffinity(TrapFrame* f)
    {
        if (f->Rsi < 8 || (f->Rsi & 7) != 0) return -Errno.EINVAL;
        Task* t = FindTask((int)f->Rdi);
        if (t == null) return -Errno.ESRCH;
        ulong mask = t->Sched.AllowedCpus & (Cpu.Possible == 64 ? ulong.MaxValue : (1UL << Cpu.Possible) - 1);
        TaskList.Put(t);
        return UserMemory.Write64(f->Rdx, mask) != 0 ? -Errno.EFAULT : 8;
    }

    private static long SchedGetScheduler(TrapFrame* f)
    {
        Task* t = FindTask((int)f->Rdi);
        if (t == null) return -Errno.ESRCH;
        int policy = t->Sched.Policy;
        TaskList.Put(t);
        return policy;
    }

    private static long SchedSetScheduler(TrapFrame* f)
    {
        // Only the fair policies exist: OTHER, BATCH, IDLE.
        int policy = (int)f->Rsi;
        if (policy is not (0 or 3 or 5)) return -Errno.EINVAL;
        Task* t = FindTask((int)f->Rdi);
        if (t == null) return -Errno.ESRCH;
        t->Sched.Policy = policy;
        TaskList.Put(t);
        return 0;
    }

    private static long SchedGetParameter(TrapFrame* f) => UserMemory.Write32(f->Rsi, 0);

    private static long SchedSetParameter(TrapFrame* f)
    {
        int r = UserMemory.Read32(f->Rsi, out uint priority);
        return r != 0 ? r : priority == 0 ? 0 : -Errno.EINVAL;
    }

    private static long SchedPriorityLimit(TrapFrame* f) => (int)f->Rdi is 1 or 2 ? f->ErrorCode == Nr.SchedGetPriorityMax ? 99 : 1 : 0;

    private static long GetPriority(TrapFrame* f)
    {
        if (f->Rdi != 0) return -Errno.EINVAL;
        Task* t = FindTask((int)f->Rsi);
        if (t == null) return -Errno.ESRCH;
        long r = 20 - t->Sched.Nice;
        TaskList.Put(t);
        return r;
    }

    private static long SetPriority(TrapFrame* f)
    {
        if (f->Rdi != 0) return -Errno.EINVAL;
        Task* t = FindTask((int)f->Rsi);
        if (t == null) return -Errno.ESRCH;
        int nice = (int)f->Rdx;
        t->Sched.Nice = nice < -20 ? -20 : nice > 19 ? 19 : nice;
        TaskList.Put(t);
        return 0;
    }

    private static long GetCpu(TrapFrame* f)
    {
        if (f->Rdi != 0 && UserMemory.Write32(f->Rdi, Cpu.Current->Id) != 0) return -Errno.EFAULT;
        return f->Rsi != 0 && UserMemory.Write32(f->Rsi, 0) != 0 ? -Errno.EFAULT : 0;
    }
}
