namespace CoSim.Os;

/// <summary>unshare and setns (time namespace reference, section 2; user_namespaces(7)).</summary>
public static unsafe partial class SystemCalls
{
    private const ulong UnshareFlags = CloneFlags.Thread | CloneFlags.SigHand | CloneFlags.Vm | CloneFlags.Fs | CloneFlags.Files | CloneFlags.SysVSem | CloneFlags.NewTime | CloneFlags.NewUser;

    private static void RegisterNamespaces()
    {
        Set(Nr.Prctl, &Prctl);
        Set(Nr.Unshare, &Unshare);
        Set(Nr.Setns, &Setns);
        RegisterCapabilities();
    }

    /// <summary>Nothing is changed unless everything can be.</summary>
    private static long Unshare(TrapFrame* f)
    {
        ulong flags = f->Rdi;
        if ((flags & CloneFlags.NewUser) != 0) flags |= CloneFlags.Thread | CloneFlags.Fs;
        if ((flags & CloneFlags.Vm) != 0) flags |= CloneFlags.SigHand;
        if ((flags & CloneFlags.SigHand) != 0) flags |= CloneFlags.Thread;
        Task* t = Cpu.CurrentTask;
        if ((flags & ~UnshareFlags) != 0 || (flags & CloneFlags.NewTime) != 0 && !Time.HasNamespaces) return -Errno.EINVAL;
        if ((flags & CloneFlags.Thread) != 0 && t->Group->Threads > 1) return -Errno.EINVAL;
        if ((flags & CloneFlags.SigHand) != 0 && t->Handlers->Refs > 1) return -Errno.EINVAL;
        if ((flags & CloneFlags.Vm) != 0 && t->Mm->Refs > 1) return -Errno.EINVAL;

        FsContext* fs = null;
        FileTable* files = null;
        Credentials* cred = null;
        NsProxy* proxy = null;
        long r = 0;
        if ((flags & CloneFlags.Fs) != 0 && t->Fs->Refs > 1 && (fs = FsContext.Copy(t->Fs)) == null) r = -Errno.ENOMEM;
        if (r == 0 && (flags & CloneFlags.Files) != 0 && t->Files->Refs > 1 && (files = FileTable.Copy(t->Files)) == null) r = -Errno.ENOMEM;
        if (r == 0 && (flags & CloneFlags.NewUser) != 0) r = NewUserNamespace(out cred);
        if (r == 0 && (flags & CloneFlags.NewTime) != 0) r = Time.PrepareUnshare(cred != null ? cred : t->Cred, out proxy);
        if (r != 0)
        {
            if (fs != null) FsContext.Put(fs);
            FileTable.Put(files);
            Credentials.Put(cred);
            return r;
        }
        if (fs != null)
        {
            FsContext.Put(t->Fs);
            t->Fs = fs;
        }
        if (files != null)
        {
            FileTable.Put(t->Files);
            t->Files = files;
        }
        if (proxy != null) Time.Commit(proxy);
        if (cred != null) Credentials.Commit(cred);
        return 0;
    }

    /// <summary>A copy of the caller's credentials in a new user namespace.</summary>
    private static long NewUserNamespace(out Credentials* cred)
    {
        cred = null;
        if (Cpu.CurrentTask->Fs->Root != Vfs.Root) return -Errno.EPERM; // a chroot must not be escaped
        cred = Credentials.Copy(Cpu.CurrentTask->Cred);
        if (cred == null) return -Errno.ENOMEM;
        long r = UserNamespace.Create(cred);
        if (r == 0) return 0;
        Credentials.Put(cred);
        cred = null;
        return r;
    }

    private static long Setns(TrapFrame* f)
    {
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        ulong type = (uint)f->Rsi;
        NsKind kind = NamespaceFiles.KindOf(file);
        long r = -Errno.EINVAL;
        if (PidFd.Of(file) != null) r = SetnsOfProcess(PidFd.Of(file), type);
        else if (kind == NsKind.Time && type is 0 or CloneFlags.NewTime) r = Time.SetNamespace(NamespaceFiles.TimeOf(file), Cpu.CurrentTask->Cred->UserNs);
        else if (kind == NsKind.User && type is 0 or CloneFlags.NewUser) r = SetUserNamespace(NamespaceFiles.UserOf(file));
        File.Put(file);
        return r;
    }

    private static long SetUserNamespace(UserNamespace* ns)
    {
        long r = PrepareUserNamespace(ns, out Credentials* cred);
        if (r == 0) Credentials.Commit(cred);
        return r;
    }

    /// <summary>The caller's credentials as they will be in another user namespace.</summary>
    private static long PrepareUserNamespace(UserNamespace* ns, out Credentials* cred)
    {
        Task* t = Cpu.CurrentTask;
        cred = null;
        if (ns == t->Cred->UserNs || t->Group->Threads > 1 || t->Fs->Refs > 1) return -Errno.EINVAL;
        if (!Permission.Capable(ns, Cap.SysAdmin)) return -Errno.EPERM;
        cred = Credentials.Copy(t->Cred);
        if (cred == null) return -Errno.ENOMEM;
        Credentials.Enter(cred, UserNamespace.Get(ns));
        return 0;
    }

    /// <summary>setns with a process's descriptor: the namespaces of the kinds in <paramref name="flags"/> that it is in, all or none.</summary>
    private static long SetnsOfProcess(ThreadGroup* process, ulong flags)
    {
        // Since 5.9 for time; the only other kind here is that of users.
        if (TimeNamespaces.Semantics <= OsSemantics.Linux56 || flags == 0 || (flags & ~(CloneFlags.NewTime | CloneFlags.NewUser)) != 0) return -Errno.EINVAL;
        if ((flags & CloneFlags.NewTime) != 0 && !Time.HasNamespaces) return -Errno.EINVAL;
        Task* target = PidFd.GetLeader(process);
        if (target == null) return -Errno.ESRCH;
        TimeNamespace* time = null;
        Credentials* cred = null;
        long r = Permission.Inspect(target) ? 0 : -Errno.EPERM;
        if (r == 0 && (time = NamespaceFiles.GetForTask(target)) == null) r = -Errno.ESRCH;
        if (r == 0 && (flags & CloneFlags.NewUser) != 0) r = PrepareUserNamespace(target->Cred->UserNs, out cred);
        if (r == 0 && (flags & CloneFlags.NewTime) != 0) r = Time.SetNamespace(time, cred != null ? cred->UserNs : Cpu.CurrentTask->Cred->UserNs);
        if (r == 0 && cred != null) Credentials.Commit(cred);
        else Credentials.Put(cred);
        if (time != null) TimeNamespaces.Put(time);
        TaskList.Put(target);
        return r;
    }
}
