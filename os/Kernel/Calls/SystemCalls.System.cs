namespace CoSim.Os;

/// <summary>The machine as a whole: names, limits, usage, log, power.</summary>
public static unsafe partial class SystemCalls
{
    private static void RegisterSystem()
    {
        Set(Nr.Uname, &Uname);
        Set(Nr.Sethostname, &SetHostName);
        Set(Nr.Sysinfo, &Sysinfo);
        Set(Nr.Syslog, &Syslog);
        Set(Nr.Getrandom, &GetRandom);
        Set(Nr.Prlimit64, &Prlimit);
        Set(Nr.Getrlimit, &Getrlimit);
        Set(Nr.Setrlimit, &Setrlimit);
        Set(Nr.Getrusage, &Getrusage);
        Set(Nr.Reboot, &Reboot);
        Set(Nr.Personality, &Succeed);
        Set(Nr.Rseq, &Rseq.Call);
    }

    private static long Uname(TrapFrame* f)
    {
        byte* u = stackalloc byte[390];
        for (int i = 0; i < 390; i++) u[i] = 0;
        Text.Copy(u, "Linux"u8);
        Text.Copy(u + 65, KernelIdentity.HostName, (ulong)Text.Length(KernelIdentity.HostName));
        Text.Copy(u + 130, KernelIdentity.Release);
        Text.Copy(u + 195, KernelIdentity.Version);
        Text.Copy(u + 260, "x86_64"u8);
        Text.Copy(u + 325, "(none)"u8);
        return UserMemory.CopyTo(f->Rdi, u, 390);
    }

    private static long SetHostName(TrapFrame* f)
    {
        byte* name = stackalloc byte[64];
        if (!Permission.Capable(Cap.SysAdmin)) return -Errno.EPERM;
        if (f->Rsi > 64) return -Errno.EINVAL;
        if (UserMemory.CopyFrom(name, f->Rdi, f->Rsi) != 0) return -Errno.EFAULT;
        KernelIdentity.SetHostName(name, (int)f->Rsi);
        return 0;
    }

    private static long Sysinfo(TrapFrame* f)
    {
        ulong* s = stackalloc ulong[14];
        for (int i = 0; i < 14; i++) s[i] = 0;
        // Rounded up, as Linux does.
        s[0] = (ulong)(Time.BoottimeNs() + Time.SysinfoOffsetNs(Cpu.CurrentTask) + 999_999_999) / 1_000_000_000;
        s[1] = Scheduler.Load1 << 5;
        s[2] = Scheduler.Load5 << 5;
        s[3] = Scheduler.Load15 << 5;
        s[4] = PageAllocator.ManagedPages * 4096;
        s[5] = (PageAllocator.ManagedPages - PageAllocator.AllocatedPages) * 4096;
        s[10] = (ulong)TaskList.Count & 0xFFFF;
        s[13] = 1; // mem_unit
        return UserMemory.CopyTo(f->Rdi, s, 112);
    }

    private static long Syslog(TrapFrame* f)
    {
        switch ((int)f->Rdi)
        {
            case 3 or 4:
                if ((int)f->Rdx < 0) return -Errno.EINVAL;
                int capacity = Bits.Min((int)f->Rdx, Log.Capacity);
                byte* text = (byte*)Heap.Allocate((ulong)capacity);
                if (text == null) return -Errno.ENOMEM;
                int n = Log.Snapshot(text, capacity);
                long r = UserMemory.CopyTo(f->Rsi, text, (ulong)n) != 0 ? -Errno.EFAULT : n;
                Heap.Free(text);
                return r;
            case 6 or 7 or 8: Log.ConsoleEnabled = (int)f->Rdi != 6; return 0;
            case 9: return Log.Size;
            case 10: return Log.Capacity;
            case 0 or 1 or 5: return 0;
            default: return -Errno.EINVAL;
        }
    }

    private static long GetRandom(TrapFrame* f) => (f->Rdx & ~7UL) != 0 ? -Errno.EINVAL : RandomSource.CopyTo(f->Rdi, f->Rsi);

    private static long Prlimit(TrapFrame* f)
    {
        if (f->Rsi >= Limits.Count) return -Errno.EINVAL;
        Task* t = FindTask((int)f->Rdi);
        if (t == null) return -Errno.ESRCH;
        ResourceLimit* l = Limits.Of(t->Group, (int)f->Rsi);
        ResourceLimit old = *l, n;
        long r = 0;
        if (f->Rdx != 0)
        {
            r = UserMemory.CopyFrom(&n, f->Rdx, 16);
            if (r == 0 && n.Soft > n.Hard) r = -Errno.EINVAL;
            if (r == 0 && n.Hard > l->Hard && !Permission.Capable(Cap.SysResource)) r = -Errno.EPERM;
            if (r == 0) *l = n;
        }
        if (r == 0 && f->R10 != 0) r = UserMemory.CopyTo(f->R10, &old, 16);
        TaskList.Put(t);
        return r;
    }

    private static long Getrlimit(TrapFrame* f) =>
        f->Rdi >= Limits.Count ? -Errno.EINVAL : UserMemory.CopyTo(f->Rsi, Limits.Of(Cpu.CurrentTask->Group, (int)f->Rdi), 16);

    private static long Setrlimit(TrapFrame* f)
    {
        if (f->Rdi >= Limits.Count) return -Errno.EINVAL;
        ResourceLimit n;
        if (UserMemory.CopyFrom(&n, f->Rsi, 16) != 0) return -Errno.EFAULT;
        ResourceLimit* l = Limits.Of(Cpu.CurrentTask->Group, (int)f->Rdi);
        if (n.Soft > n.Hard) return -Errno.EINVAL;
        if (n.Hard > l->Hard && !Permission.Capable(Cap.SysResource)) return -Errno.EPERM;
        *l = n;
        return 0;
    }

    private static long Getrusage(TrapFrame* f)
    {
        ulong* u = stackalloc ulong[18];
        for (int i = 0; i < 18; i++) u[i] = 0;
        Task* t = Cpu.CurrentTask;
        ThreadGroup* g = t->Group;
        ulong user, system;
        switch ((int)f->Rdi)
        {
            case -1: user = g->ChildrenUserNs; system = g->ChildrenSystemNs; break;
            case 1: user = t->UserNs; system = t->SystemNs; break;
            case 0:
                user = g->EndedUserNs;
                system = g->EndedSystemNs;
                ulong flags = TaskList.Lock.AcquireIrqSave();
                Task* o = t;
                do
                {
                    user += o->UserNs;
                    system += o->SystemNs;
                    o = o->NextInGroup;
                } while (o != t);
                TaskList.Lock.ReleaseIrqRestore(flags);
                break;
            default: return -Errno.EINVAL;
        }
        u[0] = user / 1_000_000_000;
        u[1] = user % 1_000_000_000 / 1000;
        u[2] = system / 1_000_000_000;
        u[3] = system % 1_000_000_000 / 1000;
        u[4] = t->Mm == null ? 0 : (ulong)t->Mm->PeakResidentPages * 4;
        u[8] = t->MinorFaults;
        u[16] = t->Sched.VoluntarySwitches;
        u[17] = t->Sched.InvoluntarySwitches;
        return UserMemory.CopyTo(f->Rsi, u, 144);
    }

    private static long Reboot(TrapFrame* f)
    {
        const uint Magic1 = 0xFEE1DEAD, Magic2 = 672274793, Magic2A = 85072278, Magic2B = 369367448, Magic2C = 537993216;
        if (!Permission.Capable(Cap.SysBoot)) return -Errno.EPERM;
        if ((uint)f->Rdi != Magic1 || (uint)f->Rsi is not (Magic2 or Magic2A or Magic2B or Magic2C)) return -Errno.EINVAL;
        switch ((uint)f->Rdx)
        {
            case 0x4321FEDC: Power.Off(); return 0;
            case 0x01234567: Power.Restart(); return 0;
            case 0xCDEF0123:
                Log.Print("reboot: System halted"u8);
                Power.Halt();
                return 0;
            case 0 or 0x89ABCDEF: return 0; // Ctrl-Alt-Del off, on: there is no keyboard
            default: return -Errno.EINVAL;
        }
    }
}
