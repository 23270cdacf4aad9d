namespace CoSim.Os;

/// <summary>Ids of processes, sessions and users.</summary>
public static unsafe partial class SystemCalls
{
    private const uint Unchanged = uint.MaxValue;

    private static void RegisterIdentity()
    {
        SetLean(Nr.Getpid, &GetPid);
        SetLean(Nr.Gettid, &GetTid);
        SetLean(Nr.Getppid, &GetParentPid);
        SetLean(Nr.Getuid, &GetUid);
        SetLean(Nr.Geteuid, &GetEuid);
        SetLean(Nr.Getgid, &GetGid);
        SetLean(Nr.Getegid, &GetEgid);
        Set(Nr.Setuid, &SetUid);
        Set(Nr.Setgid, &SetGid);
        Set(Nr.Setreuid, &SetReuid);
        Set(Nr.Setregid, &SetRegid);
        Set(Nr.Setresuid, &SetResuid);
        Set(Nr.Setresgid, &SetResgid);
        Set(Nr.Getresuid, &GetResuid);
        Set(Nr.Getresgid, &GetResgid);
        Set(Nr.Getgroups, &GetGroups);
        Set(Nr.Setgroups, &SetGroups);
        Set(Nr.Getpgrp, &GetProcessGroup);
        Set(Nr.Getpgid, &GetProcessGroupOf);
        Set(Nr.Setpgid, &SetProcessGroup);
        Set(Nr.Getsid, &GetSession);
        Set(Nr.Setsid, &SetSession);
    }

    private static long GetPid(TrapFrame* f) => Cpu.CurrentTask->Group->Id;

    private static long GetTid(TrapFrame* f) => Cpu.CurrentTask->Pid;

    private static long GetParentPid(TrapFrame* f) => Cpu.CurrentTask->Group->Parent == null ? 0 : Cpu.CurrentTask->Group->Parent->Id;

    private static long GetUid(TrapFrame* f) => Cpu.CurrentTask->Uid;

    private static long GetEuid(TrapFrame* f) => Cpu.CurrentTask->Euid;

    private static long GetGid(TrapFrame* f) => Cpu.CurrentTask->Gid;

    private static long GetEgid(TrapFrame* f) => Cpu.CurrentTask->Egid;

    private static long SetUid(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        uint id = (uint)f->Rdi;
        if (t->Euid == 0) t->Uid = t->Suid = t->Euid = id;
        else if (id == t->Uid || id == t->Suid) t->Euid = id;
        else return -Errno.EPERM;
        return 0;
    }

    private static long SetGid(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        uint id = (uint)f->Rdi;
        if (t->Euid == 0) t->Gid = t->Sgid = t->Egid = id;
        else if (id == t->Gid || id == t->Sgid) t->Egid = id;
        else return -Errno.EPERM;
        return 0;
    }

    private static long SetReuid(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        return SetIds(ref t->Uid, ref t->Euid, ref t->Suid, (uint)f->Rdi, (uint)f->Rsi, (uint)f->Rdi != Unchanged || (uint)f->Rsi != Unchanged ? (uint)f->Rsi : Unchanged);
    }

    private static long SetRegid(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        return SetIds(ref t->Gid, ref t->Egid, ref t->Sgid, (uint)f->Rdi, (uint)f->Rsi, (uint)f->Rsi);
    }

    private static long SetResuid(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        return SetIds(ref t->Uid, ref t->Euid, ref t->Suid, (uint)f->Rdi, (uint)f->Rsi, (uint)f->Rdx);
    }

    private static long SetResgid(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        return SetIds(ref t->Gid, ref t->Egid, ref t->Sgid, (uint)f->Rdi, (uint)f->Rsi, (uint)f->Rdx);
    }

    private static long SetIds(ref uint real, ref uint effective, ref uint saved, uint r, uint e, uint s)
    {
        bool privileged = Cpu.CurrentTask->Euid == 0;
        uint a = real, b = effective, c = saved;
        if (!privileged && !(Allowed(r, a, b, c) && Allowed(e, a, b, c) && Allowed(s, a, b, c))) return -Errno.EPERM;
        if (r != Unchanged) real = r;
        if (e != Unchanged) effective = e;
        if (s != Unchanged) saved = s;
        return 0;
    }

    private static bool Allowed(uint id, uint a, uint b, uint c) => id == Unchanged || id == a || id == b || id == c;

    private static long GetResuid(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        return WriteIds(f, t->Uid, t->Euid, t->Suid);
    }

    private static long GetResgid(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        return WriteIds(f, t->Gid, t->Egid, t->Sgid);
    }

    private static long WriteIds(TrapFrame* f, uint a, uint b, uint c) =>
        UserMemory.Write32(f->Rdi, a) != 0 || UserMemory.Write32(f->Rsi, b) != 0 || UserMemory.Write32(f->Rdx, c) != 0 ? -Errno.EFAULT : 0;

    private static long GetGroups(TrapFrame* f) => 0;

    private static long SetGroups(TrapFrame* f) => Cpu.CurrentTask->Euid != 0 ? -Errno.EPERM : f->Rdi == 0 ? 0 : -Errno.EINVAL;

    private static long GetProcessGroup(TrapFrame* f) => Cpu.CurrentTask->Group->ProcessGroup;

    private static long GetProcessGroupOf(TrapFrame* f)
    {
        Task* t = FindTask((int)f->Rdi);
        if (t == null) return -Errno.ESRCH;
        int id = t->Group->ProcessGroup;
        TaskList.Put(t);
        return id;
    }

    private static long GetSession(TrapFrame* f)
    {
        Task* t = FindTask((int)f->Rdi);
        if (t == null) return -Errno.ESRCH;
        int id = t->Group->Session;
        TaskList.Put(t);
        return id;
    }

    private static long SetProcessGroup(TrapFrame* f)
    {
        int id = (int)f->Rsi;
        if (id < 0) return -Errno.EINVAL;
        Task* t = FindTask((int)f->Rdi);
        if (t == null) return -Errno.ESRCH;
        ThreadGroup* g = t->Group, self = Cpu.CurrentTask->Group;
        long r = 0;
        if (g != self && g->Parent != self) r = -Errno.ESRCH;
        else if (g->Session != self->Session || g->Session == g->Id) r = -Errno.EPERM;
        else if (g != self && (g->Leader->Flags & TaskFlags.ForkedNoExec) == 0) r = -Errno.EACCES;
        else g->ProcessGroup = id == 0 ? g->Id : id;
        TaskList.Put(t);
        return r;
    }

    private static long SetSession(TrapFrame* f)
    {
        ThreadGroup* g = Cpu.CurrentTask->Group;
        if (g->ProcessGroup == g->Id) return -Errno.EPERM;
        g->Session = g->ProcessGroup = g->Id;
        g->Terminal = null;
        return g->Id;
    }
}
