namespace CoSim.Os;

/// <summary>
/// Who a task is and what it may do (Linux's cred): ids of the initial user namespace, capability sets, user namespace. Never
/// changed while shared: a change makes a copy, so that an open file keeps what its opener had. Reference counted.
/// </summary>
public unsafe partial struct Credentials
{
    /// <summary>PR_SET_KEEPCAPS, and the bits of PR_SET_SECUREBITS that have an effect here.</summary>
    public const uint KeepCaps = 1 << 4, NoRoot = 1 << 0, NoSetuidFixup = 1 << 2;

    public int Refs;
    public uint Uid, Euid, Suid, Fsuid;
    public uint Gid, Egid, Sgid, Fsgid;
    public ulong Inheritable, Permitted, Effective, Bounding, Ambient;
    public uint SecureBits;
    public UserNamespace* UserNs;

    /// <summary>Supplementary groups; null none.</summary>
    public GroupList* Groups;

    /// <summary>Those of the first task: root with everything, in the initial user namespace.</summary>
    public static Credentials* CreateInitial()
    {
        Credentials* c = Heap.New<Credentials>();
        if (c == null) return null;
        c->Refs = 1;
        c->Permitted = c->Effective = c->Bounding = Cap.All;
        c->UserNs = UserNamespace.Get(UserNamespace.Initial);
        return c;
    }

    /// <summary>Takes a reference.</summary>
    public static Credentials* Get(Credentials* c)
    {
        Atomic.FetchAdd32(Text.Address(ref c->Refs), 1);
        return c;
    }

    /// <summary>Drops a reference. Null is allowed.</summary>
    public static void Put(Credentials* c)
    {
        if (c == null || Atomic.FetchAdd32(Text.Address(ref c->Refs), -1) != 1) return;
        UserNamespace.Put(c->UserNs);
        GroupList.Put(c->Groups);
        Heap.Free(c);
    }

    /// <summary>A private copy to be changed and given to <see cref="Commit"/>, or null when memory is out.</summary>
    public static Credentials* Copy(Credentials* from)
    {
        Credentials* c = Heap.New<Credentials>();
        if (c == null) return null;
        *c = *from;
        c->Refs = 1;
        UserNamespace.Get(c->UserNs);
        if (c->Groups != null) Atomic.FetchAdd32(Text.Address(ref c->Groups->Refs), 1);
        return c;
    }

    /// <summary>Gives a copy another user namespace, taking over the reference: all capabilities there, none elsewhere.</summary>
    public static void Enter(Credentials* c, UserNamespace* ns)
    {
        UserNamespace.Put(c->UserNs);
        c->UserNs = ns;
        c->SecureBits = 0;
        c->Inheritable = c->Ambient = 0;
        c->Permitted = c->Effective = c->Bounding = Cap.All;
    }

    /// <summary>What a change of user ids does to capabilities (capabilities(7), "Effect of user ID changes").</summary>
    public static void FixCapabilities(Credentials* c, Credentials* old)
    {
        uint root = IdMap.Down(&c->UserNs->UidMap, 0);
        if ((c->SecureBits & NoSetuidFixup) != 0) return;
        bool was = old->Uid == root || old->Euid == root || old->Suid == root;
        bool still = c->Uid == root || c->Euid == root || c->Suid == root;
        if (was && !still)
        {
            if ((c->SecureBits & KeepCaps) == 0) c->Permitted = c->Effective = 0;
            c->Ambient = 0;
        }
        if (old->Euid == root && c->Euid != root) c->Effective = 0;
        if (old->Euid != root && c->Euid == root) c->Effective = c->Permitted;
    }

    /// <summary>Whether a group is the effective one or a supplementary one.</summary>
    public static bool InGroup(Credentials* c, uint gid)
    {
        if (c->Fsgid == gid) return true;
        for (int i = 0; c->Groups != null && i < c->Groups->Count; i++) if (GroupList.Items(c->Groups)[i] == gid) return true;
        return false;
    }
}

/// <summary>Supplementary groups, ids of the initial user namespace; the ids follow the header.</summary>
public unsafe struct GroupList
{
    /// <summary>NGROUPS_MAX.</summary>
    public const int Max = 65536;

    public int Refs;
    public int Count;

    /// <summary>The ids.</summary>
    public static uint* Items(GroupList* g) => (uint*)(g + 1);

    /// <summary>A list of <paramref name="count"/> ids to be filled in, or null when memory is out.</summary>
    public static GroupList* Create(int count)
    {
        GroupList* g = (GroupList*)Heap.Allocate((ulong)(sizeof(GroupList) + count * sizeof(uint)));
        if (g == null) return null;
        g->Refs = 1;
        g->Count = count;
        return g;
    }

    /// <summary>Drops a reference. Null is allowed.</summary>
    public static void Put(GroupList* g)
    {
        if (g != null && Atomic.FetchAdd32(Text.Address(ref g->Refs), -1) == 1) Heap.Free(g);
    }
}
