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

    private static Credentials* Own => Cpu.CurrentTask->Cred;

    private static long GetUid(TrapFrame* f) => Permission.ShowUid(Own->Uid);

    private static long GetEuid(TrapFrame* f) => Permission.ShowUid(Own->Euid);

    private static long GetGid(TrapFrame* f) => Permission.ShowGid(Own->Gid);

    private static long GetEgid(TrapFrame* f) => Permission.ShowGid(Own->Egid);

    private static long SetUid(TrapFrame* f)
    {
        uint id = IdMap.Down(&Own->UserNs->UidMap, (uint)f->Rdi);
        if (id == IdMap.Invalid) return -Errno.EINVAL;
        bool privileged = Permission.Capable(Own->UserNs, Cap.SetUid);
        if (!privileged && id != Own->Uid && id != Own->Suid) return -Errno.EPERM;
        return ChangeUsers(privileged ? id : Unchanged, id, privileged ? id : Unchanged);
    }

    private static long SetGid(TrapFrame* f)
    {
        uint id = IdMap.Down(&Own->UserNs->GidMap, (uint)f->Rdi);
        if (id == IdMap.Invalid) return -Errno.EINVAL;
        bool privileged = Permission.Capable(Own->UserNs, Cap.SetGid);
        if (!privileged && id != Own->Gid && id != Own->Sgid) return -Errno.EPERM;
        return ChangeGroups(privileged ? id : Unchanged, id, privileged ? id : Unchanged);
    }

    private static long SetReuid(TrapFrame* f)
    {
        uint r, e;
        Credentials* c = Own;
        if (!Translate(&c->UserNs->UidMap, f->Rdi, out r) || !Translate(&c->UserNs->UidMap, f->Rsi, out e)) return -Errno.EINVAL;
        bool privileged = Permission.Capable(c->UserNs, Cap.SetUid);
        if (!privileged && (r != Unchanged && r != c->Uid && r != c->Euid || !Allowed(e, c->Uid, c->Euid, c->Suid))) return -Errno.EPERM;
        uint effective = e != Unchanged ? e : c->Euid;
        bool saves = r != Unchanged || e != Unchanged && e != c->Uid;
        return ChangeUsers(r, e, saves ? effective : Unchanged);
    }

    private static long SetRegid(TrapFrame* f)
    {
        uint r, e;
        Credentials* c = Own;
        if (!Translate(&c->UserNs->GidMap, f->Rdi, out r) || !Translate(&c->UserNs->GidMap, f->Rsi, out e)) return -Errno.EINVAL;
        bool privileged = Permission.Capable(c->UserNs, Cap.SetGid);
        if (!privileged && (r != Unchanged && r != c->Gid && r != c->Egid || !Allowed(e, c->Gid, c->Egid, c->Sgid))) return -Errno.EPERM;
        uint effective = e != Unchanged ? e : c->Egid;
        bool saves = r != Unchanged || e != Unchanged && e != c->Gid;
        return ChangeGroups(r, e, saves ? effective : Unchanged);
    }

    private static long SetResuid(TrapFrame* f)
    {
        uint r, e, s;
        Credentials* c = Own;
        IdMap* map = &c->UserNs->UidMap;
        if (!Translate(map, f->Rdi, out r) || !Translate(map, f->Rsi, out e) || !Translate(map, f->Rdx, out s)) return -Errno.EINVAL;
        bool own = Allowed(r, c->Uid, c->Euid, c->Suid) && Allowed(e, c->Uid, c->Euid, c->Suid) && Allowed(s, c->Uid, c->Euid, c->Suid);
        return !own && !Permission.Capable(c->UserNs, Cap.SetUid) ? -Errno.EPERM : ChangeUsers(r, e, s);
    }

    private static long SetResgid(TrapFrame* f)
    {
        uint r, e, s;
        Credentials* c = Own;
        IdMap* map = &c->UserNs->GidMap;
        if (!Translate(map, f->Rdi, out r) || !Translate(map, f->Rsi, out e) || !Translate(map, f->Rdx, out s)) return -Errno.EINVAL;
        bool own = Allowed(r, c->Gid, c->Egid, c->Sgid) && Allowed(e, c->Gid, c->Egid, c->Sgid) && Allowed(s, c->Gid, c->Egid, c->Sgid);
        return !own && !Permission.Capable(c->UserNs, Cap.SetGid) ? -Errno.EPERM : ChangeGroups(r, e, s);
    }

    /// <summary>An id of the caller's user namespace as one of the initial namespace; -1 stays. False when it has no mapping.</summary>
    private static bool Translate(IdMap* map, ulong id, out uint kernel)
    {
        kernel = (uint)id == Unchanged ? Unchanged : IdMap.Down(map, (uint)id);
        return (uint)id == Unchanged || kernel != IdMap.Invalid;
    }

    private static bool Allowed(uint id, uint a, uint b, uint c) => id == Unchanged || id == a || id == b || id == c;

    private static long ChangeUsers(uint real, uint effective, uint saved)
    {
        Credentials* c = Credentials.Copy(Own);
        if (c == null) return -Errno.ENOMEM;
        if (real != Unchanged) c->Uid = real;
        if (effective != Unchanged) c->Euid = effective;
        if (saved != Unchanged) c->Suid = saved;
        c->Fsuid = c->Euid;
        Credentials.FixCapabilities(c, Own);
        Credentials.Commit(c);
        return 0;
    }

    private static long ChangeGroups(uint real, uint effective, uint saved)
    {
        Credentials* c = Credentials.Copy(Own);
        if (c == null) return -Errno.ENOMEM;
        if (real != Unchanged) c->Gid = real;
        if (effective != Unchanged) c->Egid = effective;
        if (saved != Unchanged) c->Sgid = saved;
        c->Fsgid = c->Egid;
        Credentials.Commit(c);
        return 0;
    }

    private static long GetResuid(TrapFrame* f) => WriteIds(f, Permission.ShowUid(Own->Uid), Permission.ShowUid(Own->Euid), Permission.ShowUid(Own->Suid));

    private static long GetResgid(TrapFrame* f) => WriteIds(f, Permission.ShowGid(Own->Gid), Permission.ShowGid(Own->Egid), Permission.ShowGid(Own->Sgid));

    private static long WriteIds(TrapFrame* f, uint a, uint b, uint c) =>
        UserMemory.Write32(f->Rdi, a) != 0 || UserMemory.Write32(f->Rsi, b) != 0 || UserMemory.Write32(f->Rdx, c) != 0 ? -Errno.EFAULT : 0;

    private static long GetGroups(TrapFrame* f)
    {
        GroupList* g = Own->Groups;
        int count = g == null ? 0 : g->Count, room = (int)f->Rdi;
        if (room < 0) return -Errno.EINVAL;
        if (room == 0) return count;
        if (room < count) return -Errno.EINVAL;
        for (int i = 0; i < count; i++)
            if (UserMemory.Write32(f->Rsi + (ulong)i * 4, Permission.ShowGid(GroupList.Items(g)[i])) != 0) return -Errno.EFAULT;
        return count;
    }

    private static long SetGroups(TrapFrame* f)
    {
        UserNamespace* ns = Own->UserNs;
        // In a user namespace only with a group map, and not after "deny" (user_namespaces(7)).
        if (!Permission.Capable(ns, Cap.SetGid) || ns->GidMap.Count == 0 || !ns->SetGroupsAllowed) return -Errno.EPERM;
        int count = (int)f->Rdi;
        if ((uint)count > GroupList.Max) return -Errno.EINVAL;
        GroupList* g = count == 0 ? null : GroupList.Create(count);
        if (count != 0 && g == null) return -Errno.ENOMEM;
        long r = 0;
        for (int i = 0; i < count && r == 0; i++)
        {
            if (UserMemory.Read32(f->Rsi + (ulong)i * 4, out uint id) != 0) r = -Errno.EFAULT;
            else if ((GroupList.Items(g)[i] = IdMap.Down(&ns->GidMap, id)) == IdMap.Invalid) r = -Errno.EINVAL;
        }
        Credentials* c = r == 0 ? Credentials.Copy(Own) : null;
        if (c == null)
        {
            GroupList.Put(g);
            return r == 0 ? -Errno.ENOMEM : r;
        }
        GroupList.Put(c->Groups);
        c->Groups = g;
        Credentials.Commit(c);
        return 0;
    }

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
