namespace CoSim.Os;

/// <summary>unshare and setns as far as time namespaces go (time namespace reference, section 2).</summary>
public static unsafe partial class Time
{
    /// <summary>CLONE_NEWTIME.</summary>
    public const ulong CloneNewTime = TimeNamespaces.CloneNewTime;

    /// <summary>unshare(CLONE_NEWTIME): children to come are born in a new namespace; the caller stays.</summary>
    /// <returns>0, -EPERM, -ENOSPC or -ENOMEM.</returns>
    public static int Unshare()
    {
        Task* self = Cpu.CurrentTask;
        return TimeNamespaces.Unshare(&self->NsProxy, Capability.Admin(self));
    }

    /// <summary>setns(fd, type): enters the namespace of an open /proc/PID/ns file.</summary>
    /// <param name="fd">Descriptor of the file.</param>
    /// <param name="type">0 for any, or CLONE_NEWTIME.</param>
    /// <returns>0, -EBADF, -EINVAL, -EUSERS, -EPERM or -ENOMEM.</returns>
    public static int SetNamespace(int fd, ulong type)
    {
        File* file = FileTable.Get(fd);
        if (file == null) return -Errno.EBADF;
        TimeNamespace* target = NamespaceFiles.Of(file);
        int result = target == null || (type != 0 && type != CloneNewTime) ? -Errno.EINVAL : Enter(target);
        File.Put(file);
        return result;
    }

    private static int Enter(TimeNamespace* target)
    {
        Task* self = Cpu.CurrentTask;
        // Another process that shares the memory would be moved too, without having asked.
        bool alone = self->Group->Threads == 1 && self->Mm->Refs == 1;
        int error = TimeNamespaces.Install(&self->NsProxy, target, alone, Capability.Admin(self));
        if (error == 0) VdsoMapping.Remap(self->Mm);
        return error;
    }
}
