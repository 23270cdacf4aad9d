namespace CoSim.Os;

/// <summary>
/// A user namespace (user_namespaces(7)): a scope for ids and capabilities. Only what time namespaces need of it: ids are mapped,
/// capabilities are checked against the namespace that owns an object, namespaces are counted against limits. Reference counted.
/// </summary>
public unsafe partial struct UserNamespace
{
    /// <summary>Inode number of the initial one.</summary>
    public const uint InitialInum = 0xEFFFFFFD;

    private const int MaxLevel = 32;

    public int Refs;
    public int Level;               // 0: the initial one
    public uint Inum;
    public UserNamespace* Parent;

    /// <summary>Effective ids of the creator, of the initial namespace.</summary>
    public uint OwnerUid, OwnerGid;
    public IdMap UidMap, GidMap;

    /// <summary>setgroups(2) is allowed; /proc/PID/setgroups.</summary>
    public bool SetGroupsAllowed;

    /// <summary>Its creator could have set file capabilities: it may map the outer user 0 then.</summary>
    public bool CreatorHadSetFcap;

    /// <summary>The creator's place in the counts of the parent; null for the initial namespace.</summary>
    public Ucount* CreatorCount;

    /// <summary>Counts by user of this namespace, and the limits /proc/sys/user/max_*_namespaces that hold here.</summary>
    public Ucount* Counts;
    public int MaxUserNamespaces, MaxTimeNamespaces;

    private static UserNamespace s_initial;

    /// <summary>The namespace of the first task; set up at its first use.</summary>
    public static UserNamespace* Initial
    {
        get
        {
            UserNamespace* ns = Text.Address(ref s_initial);
            if (ns->Refs != 0) return ns;
            ns->Refs = 1;
            ns->Inum = InitialInum;
            ns->SetGroupsAllowed = true;
            ns->MaxUserNamespaces = ns->MaxTimeNamespaces = Ucount.DefaultLimit;
            IdExtent everybody = new() { First = 0, Lower = 0, Count = uint.MaxValue };
            IdMap.Add(&ns->UidMap, everybody);
            IdMap.Add(&ns->GidMap, everybody);
            return ns;
        }
    }

    /// <summary>Takes a reference.</summary>
    public static UserNamespace* Get(UserNamespace* ns)
    {
        Atomic.FetchAdd32(Text.Address(ref ns->Refs), 1);
        return ns;
    }

    /// <summary>Drops a reference; the last one frees the namespace. Null is allowed.</summary>
    public static void Put(UserNamespace* ns)
    {
        while (ns != null && Atomic.FetchAdd32(Text.Address(ref ns->Refs), -1) == 1)
        {
            UserNamespace* parent = ns->Parent;
            Ucount.Decrement(ns->CreatorCount, UcountType.UserNamespaces);
            Heap.Free(ns);
            ns = parent;
        }
    }

    /// <summary>
    /// A namespace below that of <paramref name="c"/>, which becomes a copy to be committed that is all-powerful in it.
    /// </summary>
    /// <returns>0, -ENOSPC at a limit, -EPERM when the creator has no ids there, or -ENOMEM.</returns>
    public static int Create(Credentials* c)
    {
        UserNamespace* parent = c->UserNs;
        if (parent->Level > MaxLevel) return -Errno.ENOSPC;
        Ucount* count = Ucount.Increment(parent, c->Euid, UcountType.UserNamespaces);
        if (count == null) return -Errno.ENOSPC;
        int error = IdMap.Up(&parent->UidMap, c->Euid) == IdMap.Invalid || IdMap.Up(&parent->GidMap, c->Egid) == IdMap.Invalid ? -Errno.EPERM : 0;
        UserNamespace* ns = error == 0 ? Heap.New<UserNamespace>() : null;
        if (ns == null)
        {
            Ucount.Decrement(count, UcountType.UserNamespaces);
            return error == 0 ? -Errno.ENOMEM : error;
        }
        ns->Refs = 1;
        ns->Level = parent->Level + 1;
        ns->Inum = TimeNamespaces.NextInum();
        ns->Parent = Get(parent);
        ns->OwnerUid = c->Euid;
        ns->OwnerGid = c->Egid;
        ns->SetGroupsAllowed = parent->SetGroupsAllowed;
        ns->CreatorHadSetFcap = (c->Effective & Cap.Bit(Cap.SetFcap)) != 0;
        ns->CreatorCount = count;
        ns->MaxUserNamespaces = ns->MaxTimeNamespaces = int.MaxValue;
        Credentials.Enter(c, ns);
        return 0;
    }

    /// <summary>Whether somebody with these credentials has a capability over what <paramref name="target"/> owns.</summary>
    public static bool Capable(Credentials* c, UserNamespace* target, int capability)
    {
        for (UserNamespace* ns = target; ; ns = ns->Parent)
        {
            if (ns == c->UserNs) return (c->Effective & Cap.Bit(capability)) != 0;
            if (ns->Level <= c->UserNs->Level) return false;
            // The creator of a namespace, seen from its parent, may do everything in it and below.
            if (ns->Parent == c->UserNs && ns->OwnerUid == c->Euid) return true;
        }
    }
}
