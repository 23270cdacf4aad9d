namespace CoSim.Os;

/// <summary>Waiting for children: wait4 and waitid.</summary>
public static unsafe class ProcessWait
{
    private const int NoHang = 1, Stopped = 2, Exited = 4, Continued = 8, NoWait = 0x1000000, OwnThread = 0x20000000, AllChildren = 0x40000000, CloneChildren = unchecked((int)0x80000000);
    private const int IdAll = 0, IdPid = 1, IdGroup = 2, IdDescriptor = 3;

    private struct Event
    {
        public int Pid, Code, Status, WaitStatus;
        public ulong UserNs, SystemNs;
    }

    /// <summary>wait4(pid, status, options, rusage).</summary>
    public static long Wait4(TrapFrame* f)
    {
        int pid = (int)f->Rdi, options = (int)f->Rdx;
        if ((options & ~(NoHang | Stopped | Continued | OwnThread | AllChildren | CloneChildren)) != 0) return -Errno.EINVAL;
        if (pid == int.MinValue) return -Errno.ESRCH;
        int kind = pid == -1 ? IdAll : pid > 0 ? IdPid : IdGroup;
        int id = pid > 0 ? pid : pid == 0 ? Cpu.CurrentTask->Group->ProcessGroup : -pid;
        Event e;
        long r = Wait(kind, id, options | Exited, &e);
        if (r <= 0) return r;
        if (f->Rsi != 0 && UserMemory.Write32(f->Rsi, (uint)e.WaitStatus) != 0) return -Errno.EFAULT;
        if (f->R10 != 0 && WriteUsage(f->R10, &e) != 0) return -Errno.EFAULT;
        return e.Pid;
    }

    /// <summary>waitid(type, id, siginfo, options, rusage).</summary>
    public static long WaitId(TrapFrame* f)
    {
        Event e = default;
        long r = WaitFor(f, &e);
        if (r > 0 && f->R8 != 0 && WriteUsage(f->R8, &e) != 0) return -Errno.EFAULT;
        if (f->Rdx == 0) return r > 0 ? 0 : r;
        // Only what stands for something is written, also after an error, which an address that cannot be written hides.
        if (UserMemory.Write32(f->Rdx, r > 0 ? Signal.CHLD : 0u) != 0 || UserMemory.Write32(f->Rdx + 4, 0) != 0 || UserMemory.Write32(f->Rdx + 8, (uint)e.Code) != 0
            || UserMemory.Write32(f->Rdx + 16, (uint)e.Pid) != 0 || UserMemory.Write32(f->Rdx + 20, 0) != 0 || UserMemory.Write32(f->Rdx + 24, (uint)e.Status) != 0)
            return -Errno.EFAULT;
        return r > 0 ? 0 : r;
    }

    /// <summary>What waitid(2) waits for: pid, 0 (WNOHANG) or -errno.</summary>
    private static long WaitFor(TrapFrame* f, Event* e)
    {
        const int Known = NoHang | NoWait | Exited | Stopped | Continued | OwnThread | AllChildren | CloneChildren;
        int kind = (int)f->Rdi, id = (int)f->Rsi, options = (int)f->R10;
        if ((options & ~Known) != 0 || (options & (Exited | Stopped | Continued)) == 0) return -Errno.EINVAL;
        if (kind is < IdAll or > IdDescriptor || kind == IdPid && id <= 0 || kind == IdGroup && id < 0) return -Errno.EINVAL;
        bool impatient = false;
        if (kind == IdDescriptor)
        {
            id = ProcessOf(id, out impatient);
            if (id < 0) return id;
            kind = IdPid;
            if (impatient) options |= NoHang;
        }
        if (kind == IdGroup && id == 0) id = Cpu.CurrentTask->Group->ProcessGroup;
        long r = Wait(kind, id, options, e);
        return r == 0 && impatient && ((int)f->R10 & NoHang) == 0 ? -Errno.EAGAIN : r;
    }

    /// <summary>The number of a descriptor's process, or -EBADF.</summary>
    private static int ProcessOf(int descriptor, out bool impatient)
    {
        impatient = false;
        if (descriptor < 0) return -Errno.EINVAL;
        File* file = FileTable.Get(descriptor);
        if (file == null) return -Errno.EBADF;
        ThreadGroup* g = PidFd.Of(file);
        int id = g == null ? -Errno.EBADF : g->Id;
        impatient = (file->Flags & OpenFlags.NonBlock) != 0;
        File.Put(file);
        return id;
    }

    private static int WriteUsage(ulong user, Event* e)
    {
        ulong* usage = stackalloc ulong[18];
        for (int i = 0; i < 18; i++) usage[i] = 0;
        usage[0] = e->UserNs / 1_000_000_000;
        usage[1] = e->UserNs % 1_000_000_000 / 1000;
        usage[2] = e->SystemNs / 1_000_000_000;
        usage[3] = e->SystemNs % 1_000_000_000 / 1000;
        return UserMemory.CopyTo(user, usage, 144);
    }

    /// <summary>Pid of a child with news, 0 (NoHang), -ECHILD or -ERESTARTSYS.</summary>
    private static long Wait(int kind, int id, int options, Event* e)
    {
        Task* self = Cpu.CurrentTask;
        ThreadGroup* g = self->Group;
        WaitEntry entry = default;
        entry.Task = self;
        WaitQueue.Add(&g->ChildEvents, &entry);
        long r;
        for (; ; )
        {
            self->State = TaskState.Interruptible;
            ulong flags = TaskList.Lock.AcquireIrqSave();
            r = Look(g, kind, id, options, e);
            TaskList.Lock.ReleaseIrqRestore(flags);
            if (r != 0 || (options & NoHang) != 0) break;
            if (SignalDelivery.Pending(self)) { r = -Errno.ERESTARTSYS; break; }
            Scheduler.Schedule();
        }
        self->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        return r;
    }

    private static long Look(ThreadGroup* g, int kind, int id, int options, Event* e)
    {
        bool any = false;
        for (ThreadGroup* c = g->FirstChild; c != null; c = c->NextSibling)
        {
            if (kind == IdPid && c->Id != id || kind == IdGroup && c->ProcessGroup != id) continue;
            bool clone = c->ExitSignal != Signal.CHLD;
            if ((options & AllChildren) == 0 && clone != ((options & CloneChildren) != 0)) continue;
            any = true;
            if (c->Zombie && (options & Exited) != 0)
            {
                int signal = c->ExitCode & 0x7F;
                Fill(e, c, signal == 0 ? SignalCode.ChildExited : (c->ExitCode & 0x80) != 0 ? SignalCode.ChildDumped : SignalCode.ChildKilled,
                    signal == 0 ? c->ExitCode >> 8 & 0xFF : signal, c->ExitCode);
                if ((options & NoWait) == 0) ProcessExit.ReapLocked(c);
                return e->Pid;
            }
            if (c->StopUnreported && (options & Stopped) != 0)
            {
                if ((options & NoWait) == 0) c->StopUnreported = false;
                Fill(e, c, SignalCode.ChildStopped, c->StopSignal, c->StopSignal << 8 | 0x7F);
                return e->Pid;
            }
            if (c->ContinueUnreported && (options & Continued) != 0)
            {
                if ((options & NoWait) == 0) c->ContinueUnreported = false;
                Fill(e, c, SignalCode.ChildContinued, Signal.CONT, 0xFFFF);
                return e->Pid;
            }
        }
        return any ? 0 : -Errno.ECHILD;
    }

    private static void Fill(Event* e, ThreadGroup* c, int code, int status, int waitStatus)
    {
        e->Pid = c->Id;
        e->Code = code;
        e->Status = status;
        e->WaitStatus = waitStatus;
        e->UserNs = c->EndedUserNs + c->ChildrenUserNs;
        e->SystemNs = c->EndedSystemNs + c->ChildrenSystemNs;
    }
}
