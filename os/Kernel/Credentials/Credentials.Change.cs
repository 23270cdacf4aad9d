namespace CoSim.Os;

/// <summary>Changes of the running task's credentials.</summary>
public unsafe partial struct Credentials
{
    /// <summary>
    /// Makes a copy the running task's credentials. A process whose effective ids change, or whose capabilities grow, no longer
    /// lets others look into it (prctl(2), PR_SET_DUMPABLE).
    /// </summary>
    public static void Commit(Credentials* changed)
    {
        Task* t = Cpu.CurrentTask;
        Credentials* old = t->Cred;
        bool subset = IsSubset(old, changed);
        if (t->Mm != null && (old->Euid != changed->Euid || old->Egid != changed->Egid || old->Fsuid != changed->Fsuid || old->Fsgid != changed->Fsgid || !subset))
            t->Mm->NotDumpable = true;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        t->Cred = changed;
        TaskList.Lock.ReleaseIrqRestore(flags);
        Put(old);
    }

    /// <summary>The new ones allow nothing that the old ones did not: a namespace below that one owns counts as that.</summary>
    private static bool IsSubset(Credentials* old, Credentials* changed)
    {
        if (changed->UserNs == old->UserNs) return (changed->Permitted & ~old->Permitted) == 0;
        for (UserNamespace* ns = changed->UserNs; ns->Parent != null; ns = ns->Parent)
            if (ns->Parent == old->UserNs && ns->OwnerUid == old->Euid) return true;
        return false;
    }

    /// <summary>What execve does to capabilities: files have none here, so root's are what counts.</summary>
    public static void Exec(Task* t)
    {
        Credentials* c = Copy(t->Cred);
        if (c == null) return;
        uint root = IdMap.Down(&c->UserNs->UidMap, 0);
        bool isRoot = (c->SecureBits & NoRoot) == 0 && (c->Euid == root || c->Uid == root);
        if (isRoot) c->Permitted = (c->Bounding | c->Inheritable) & Cap.All;
        else c->Permitted = c->Ambient;
        c->Effective = isRoot && c->Euid == root ? c->Permitted : c->Ambient;
        c->Suid = c->Fsuid = c->Euid;
        c->Sgid = c->Fsgid = c->Egid;
        c->SecureBits &= ~KeepCaps;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        Credentials* old = t->Cred;
        t->Cred = c;
        TaskList.Lock.ReleaseIrqRestore(flags);
        Put(old);
    }
}
