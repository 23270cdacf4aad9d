namespace CoSim.Os;

/// <summary>/proc/PID/uid_map, gid_map and setgroups, and the limits of /proc/sys/user (user_namespaces(7), namespaces(7)).</summary>
public static unsafe class UserNamespaceFiles
{
    private const uint Readable = 0x124, OwnerWritable = 0x1A4;

    /// <summary>Registers the files.</summary>
    public static void Register()
    {
        ProcFs.AddTaskFile("uid_map"u8, OwnerWritable, &ShowUidMap, &WriteUidMap);
        ProcFs.AddTaskFile("gid_map"u8, OwnerWritable, &ShowGidMap, &WriteGidMap);
        ProcFs.AddTaskFile("setgroups"u8, OwnerWritable, &ShowSetGroups, &WriteSetGroups);
        ProcFs.AddFile("sys/user/max_user_namespaces"u8, OwnerWritable, &ShowMaxUser, &WriteMaxUser);
        if (Time.CountsNamespaces) ProcFs.AddFile("sys/user/max_time_namespaces"u8, OwnerWritable, &ShowMaxTime, &WriteMaxTime);
        ProcFs.AddFile("sys/kernel/overflowuid"u8, Readable, &ShowOverflow, null);
        ProcFs.AddFile("sys/kernel/overflowgid"u8, Readable, &ShowOverflow, null);
    }

    private static int ShowOverflow(TextBuffer* text, Task* task, void* context)
    {
        text->Format("%u\n"u8, IdMap.Overflow);
        return 0;
    }

    private static int ShowUidMap(TextBuffer* text, Task* task, void* context) => ShowMap(text, task, true);

    private static int ShowGidMap(TextBuffer* text, Task* task, void* context) => ShowMap(text, task, false);

    /// <summary>The outside ids are shown as the reader's namespace has them; readers inside see those of the parent.</summary>
    private static int ShowMap(TextBuffer* text, Task* task, bool users)
    {
        UserNamespace* ns = task->Cred->UserNs, reader = Cpu.CurrentTask->Cred->UserNs;
        if (reader == ns && ns->Parent != null) reader = ns->Parent;
        IdMap* map = users ? &ns->UidMap : &ns->GidMap;
        for (int i = 0; i < map->Count; i++)
        {
            IdExtent e = IdMap.Extent(map, i);
            text->Format("%10u %10u %10u\n"u8, e.First, IdMap.Up(users ? &reader->UidMap : &reader->GidMap, e.Lower), e.Count);
        }
        return 0;
    }

    private static long WriteUidMap(File* file, Task* task, byte* text, ulong count, long position) => WriteMap(file, task, text, count, position, true);

    private static long WriteGidMap(File* file, Task* task, byte* text, ulong count, long position) => WriteMap(file, task, text, count, position, false);

    /// <summary>
    /// Errors in Linux's order: a map that is not below the writer's namespace EPERM, position EINVAL, set already EPERM, writer without
    /// CAP_SYS_ADMIN EPERM, text EINVAL, a mapping the writer may not make EPERM, ids unknown outside EPERM.
    /// </summary>
    private static long WriteMap(File* file, Task* task, byte* text, ulong count, long position, bool users)
    {
        if (task == null) return -Errno.ESRCH;
        UserNamespace* ns = task->Cred->UserNs;
        if (ns->Parent == null || file->Cred->UserNs != ns && file->Cred->UserNs != ns->Parent) return -Errno.EPERM;
        if (position != 0) return -Errno.EINVAL;
        IdMap* map = users ? &ns->UidMap : &ns->GidMap;
        if (map->Count != 0 || !UserNamespace.Capable(file->Cred, ns, Cap.SysAdmin)) return -Errno.EPERM;
        IdMap parsed;
        int error = IdMap.Parse(text, (int)count, &parsed);
        if (error != 0) return error;
        if (!MayMap(file, ns, &parsed, users) || !IdMap.Translate(&parsed, users ? &ns->Parent->UidMap : &ns->Parent->GidMap)) return -Errno.EPERM;
        if (map->Count != 0) return -Errno.EPERM;
        *map = parsed;
        return (long)count;
    }

    private static bool MayMap(File* file, UserNamespace* ns, IdMap* map, bool users)
    {
        Credentials* opener = file->Cred;
        IdExtent only = IdMap.Extent(map, 0);
        if (users && MapsRoot(map) && !(opener->UserNs == ns ? ns->CreatorHadSetFcap : UserNamespace.Capable(opener, ns->Parent, Cap.SetFcap))
            && !(map->Count == 1 && only.Count == 1 && IdMap.Down(&ns->Parent->UidMap, 0) == opener->Euid)) return false;
        // Without privilege, one's own id alone.
        if (map->Count == 1 && only.Count == 1 && ns->OwnerUid == opener->Euid)
        {
            if (users && IdMap.Down(&ns->Parent->UidMap, only.Lower) == opener->Euid) return true;
            if (!users && !ns->SetGroupsAllowed && IdMap.Down(&ns->Parent->GidMap, only.Lower) == opener->Egid) return true;
        }
        int capability = users ? Cap.SetUid : Cap.SetGid;
        return Permission.Capable(ns->Parent, capability) && UserNamespace.Capable(opener, ns->Parent, capability);
    }

    private static bool MapsRoot(IdMap* map)
    {
        for (int i = 0; i < map->Count; i++) if (IdMap.Extent(map, i).Lower == 0) return true;
        return false;
    }

    private static int ShowSetGroups(TextBuffer* text, Task* task, void* context)
    {
        text->Put(task->Cred->UserNs->SetGroupsAllowed ? "allow\n"u8 : "deny\n"u8);
        return 0;
    }

    private static long WriteSetGroups(File* file, Task* task, byte* text, ulong count, long position)
    {
        if (position != 0 || count >= 8) return -Errno.EINVAL;
        if (task == null) return -Errno.ESRCH;
        UserNamespace* ns = task->Cred->UserNs;
        int length = (int)count;
        while (length > 0 && text[length - 1] is (byte)'\n' or (byte)' ' or (byte)'\t') length--;
        bool allow = Text.Equal(text, length, "allow"u8);
        if (!allow && !Text.Equal(text, length, "deny"u8)) return -Errno.EINVAL;
        if (allow ? !ns->SetGroupsAllowed : ns->GidMap.Count != 0) return -Errno.EPERM;
        if (!allow) ns->SetGroupsAllowed = false;
        return (long)count;
    }

    private static int ShowMaxUser(TextBuffer* text, Task* task, void* context)
    {
        text->Format("%d\n"u8, (ulong)Cpu.CurrentTask->Cred->UserNs->MaxUserNamespaces);
        return 0;
    }

    private static int ShowMaxTime(TextBuffer* text, Task* task, void* context)
    {
        text->Format("%d\n"u8, (ulong)Cpu.CurrentTask->Cred->UserNs->MaxTimeNamespaces);
        return 0;
    }

    private static long WriteMaxUser(File* file, Task* task, byte* text, ulong count, long position) => WriteMax(text, count, true);

    private static long WriteMaxTime(File* file, Task* task, byte* text, ulong count, long position) => WriteMax(text, count, false);

    private static long WriteMax(byte* text, ulong count, bool users)
    {
        UserNamespace* ns = Cpu.CurrentTask->Cred->UserNs;
        if (!Permission.Capable(ns, Cap.SysResource)) return -Errno.EPERM;
        byte* at = text;
        if (!Text.ParseUnsigned(ref at, text + count, out ulong value) || value > int.MaxValue) return -Errno.EINVAL;
        if (users) ns->MaxUserNamespaces = (int)value;
        else ns->MaxTimeNamespaces = (int)value;
        return (long)count;
    }
}
