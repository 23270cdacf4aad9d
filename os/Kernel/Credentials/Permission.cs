namespace CoSim.Os;

/// <summary>Questions about what the running task, or a file's opener, may do.</summary>
public static unsafe class Permission
{
    /// <summary>The running task has a capability over the whole machine.</summary>
    public static bool Capable(int capability) => UserNamespace.Capable(Cpu.CurrentTask->Cred, UserNamespace.Initial, capability);

    /// <summary>The running task has a capability over what a user namespace owns.</summary>
    public static bool Capable(UserNamespace* ns, int capability) => UserNamespace.Capable(Cpu.CurrentTask->Cred, ns, capability);

    /// <summary>
    /// Access to a file by its mode (path_resolution(7)). Capabilities override it, except that nobody executes a file without any
    /// execute bit.
    /// </summary>
    /// <param name="inode">The file.</param>
    /// <param name="want">A set of 4 read, 2 write, 1 execute.</param>
    /// <param name="real">Ask for the real ids, as access(2) does, instead of those of the file system.</param>
    /// <returns>0 or -EACCES.</returns>
    public static int Inode(Inode* inode, int want, bool real)
    {
        Credentials* c = Cpu.CurrentTask->Cred;
        uint uid = real ? c->Uid : c->Fsuid;
        bool group = real ? c->Gid == inode->Gid || Credentials.InGroup(c, inode->Gid) : Credentials.InGroup(c, inode->Gid);
        int shift = uid == inode->Uid ? 6 : group ? 3 : 0;
        if ((want & ~(int)(inode->Mode >> shift) & 7) == 0) return 0;
        // access(2) of a set-user-id program asks what its caller could do.
        bool root = uid == IdMap.Down(&c->UserNs->UidMap, 0);
        ulong capabilities = !real ? c->Effective : root ? c->Permitted : 0;
        bool mapped = IdMap.Up(&c->UserNs->UidMap, inode->Uid) != IdMap.Invalid && IdMap.Up(&c->UserNs->GidMap, inode->Gid) != IdMap.Invalid;
        bool executable = inode->Type == FileMode.Directory || (want & 1) == 0 || (inode->Mode & 0x49) != 0;
        if (mapped && executable && (capabilities & Cap.Bit(Cap.DacOverride)) != 0) return 0;
        bool reads = want == 4 || inode->Type == FileMode.Directory && (want & 2) == 0;
        if (mapped && reads && (capabilities & Cap.Bit(Cap.DacReadSearch)) != 0) return 0;
        return ProcFs.IsOwnDescriptors(inode) ? 0 : -Errno.EACCES;
    }

    /// <summary>Whether the running task may look into another (PTRACE_MODE_READ_FSCREDS of ptrace(2)).</summary>
    public static bool Inspect(Task* t)
    {
        Task* self = Cpu.CurrentTask;
        if (t->Group == self->Group) return true;
        Credentials* c = self->Cred, o = t->Cred;
        bool same = c->Fsuid == o->Euid && c->Fsuid == o->Suid && c->Fsuid == o->Uid && c->Fsgid == o->Egid && c->Fsgid == o->Sgid && c->Fsgid == o->Gid;
        if (!same && !Capable(o->UserNs, Cap.SysPtrace)) return false;
        AddressSpace* mm = t->Mm;
        if (mm != null && mm->NotDumpable && !Capable(o->UserNs, Cap.SysPtrace)) return false;
        return c->UserNs == o->UserNs && (o->Permitted & ~c->Effective) == 0 || Capable(o->UserNs, Cap.SysPtrace);
    }

    /// <summary>Whether the running task may send a signal to another (kill(2)).</summary>
    public static bool Signal(Task* t)
    {
        Credentials* c = Cpu.CurrentTask->Cred, o = t->Cred;
        return c->Euid == o->Suid || c->Euid == o->Uid || c->Uid == o->Suid || c->Uid == o->Uid || Capable(o->UserNs, Cap.Kill);
    }

    /// <summary>A user id as the running task sees it.</summary>
    public static uint ShowUid(uint uid) => IdMap.UpMunged(&Cpu.CurrentTask->Cred->UserNs->UidMap, uid);

    /// <summary>A group id as the running task sees it.</summary>
    public static uint ShowGid(uint gid) => IdMap.UpMunged(&Cpu.CurrentTask->Cred->UserNs->GidMap, gid);
}
