namespace CoSim.Os;

/// <summary>unshare and setns as far as time namespaces go (time namespace reference, section 2).</summary>
public static unsafe partial class Time
{
    /// <summary>CLONE_NEWTIME.</summary>
    public const ulong CloneNewTime = TimeNamespaces.CloneNewTime;

    /// <summary>False with the kernel parameter time_ns=off: a kernel without CONFIG_TIME_NS (time namespace reference, section 8).</summary>
    public static bool HasNamespaces => !Timekeeping.TimeOptions.NoNamespaces;

    /// <summary>Time namespaces are counted against a limit: since 5.7.</summary>
    public static bool CountsNamespaces => TimeNamespaces.Semantics > OsSemantics.Linux56;

    /// <summary>The first half of unshare(CLONE_NEWTIME): namespaces whose children's one is new. The caller stays where it is.</summary>
    /// <param name="cred">Owner: the caller's credentials, or those that it will have with CLONE_NEWUSER.</param>
    /// <param name="proxy">For <see cref="Commit"/>.</param>
    /// <returns>0, -EPERM, -ENOSPC or -ENOMEM.</returns>
    public static int PrepareUnshare(Credentials* cred, out NsProxy* proxy)
    {
        NamespaceCreator creator = new(Permission.Capable(cred->UserNs, Cap.SysAdmin), cred->UserNs, cred->Euid);
        return TimeNamespaces.PrepareUnshare(Cpu.CurrentTask->NsProxy, creator, out proxy);
    }

    /// <summary>The second half: children to come are born in the new namespace.</summary>
    public static void Commit(NsProxy* proxy)
    {
        Task* self = Cpu.CurrentTask;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        NsProxy* old = self->NsProxy;
        self->NsProxy = proxy;
        TaskList.Lock.ReleaseIrqRestore(flags);
        TimeNamespaces.PutProxy(old);
    }

    /// <summary>setns: enters a namespace.</summary>
    /// <param name="target">The namespace.</param>
    /// <param name="own">The user namespace that the caller is in, or will be in when the call enters one of both kinds.</param>
    /// <returns>0, -EUSERS, -EPERM or -ENOMEM.</returns>
    internal static int SetNamespace(TimeNamespace* target, UserNamespace* own)
    {
        Task* self = Cpu.CurrentTask;
        bool may = Permission.Capable(target->UserNs, Cap.SysAdmin) && Permission.Capable(own, Cap.SysAdmin);
        int error = TimeNamespaces.Install(&self->NsProxy, target, IsAlone(self), may);
        if (error == 0) Timekeeping.VdsoMapping.Remap(self->Mm);
        return error;
    }

    /// <summary>
    /// No other thread shares the caller's memory: it would be moved too, without having asked. One that is ending, as after pthread_join,
    /// no longer counts.
    /// </summary>
    private static bool IsAlone(Task* self)
    {
        bool alone = true;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        for (Task* t = self->NextInGroup; t != self && alone; t = t->NextInGroup) alone = (t->Flags & TaskFlags.Exiting) != 0;
        for (Task* t = self->Mm->Refs == 1 ? null : TaskList.First; t != null && alone; t = t->NextTask) alone = t->Mm != self->Mm || t->Group == self->Group;
        TaskList.Lock.ReleaseIrqRestore(flags);
        return alone;
    }
}
