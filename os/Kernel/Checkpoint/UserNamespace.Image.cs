namespace CoSim.Os;

/// <summary>User namespaces in images.</summary>
public unsafe partial struct UserNamespace
{
    /// <summary>Makes the namespace that a record describes, after its number and its parent's. 0 or -errno.</summary>
    internal static int Load(UserNamespace* parent, ImageReader* r, out UserNamespace* made)
    {
        made = null;
        if (parent == null || parent->Level > MaxLevel) return -Errno.EINVAL;
        uint uid = (uint)r->Word(), gid = (uint)r->Word();
        Ucount* count = Ucount.Increment(parent, uid, UcountType.UserNamespaces);
        if (count == null) return -Errno.ENOSPC;
        UserNamespace* ns = Heap.New<UserNamespace>();
        if (ns == null)
        {
            Ucount.Decrement(count, UcountType.UserNamespaces);
            return -Errno.ENOMEM;
        }
        ns->Refs = 1;
        ns->Level = parent->Level + 1;
        ns->Inum = TimeNamespaces.NextInum();
        ns->Parent = Get(parent);
        ns->OwnerUid = uid;
        ns->OwnerGid = gid;
        ns->CreatorCount = count;
        ns->SetGroupsAllowed = r->Flag();
        ns->CreatorHadSetFcap = r->Flag();
        ns->MaxUserNamespaces = r->Int();
        ns->MaxTimeNamespaces = r->Int();
        ulong users = r->Word(), groups = r->Word();
        if (LoadMap(&ns->UidMap, users, r) && LoadMap(&ns->GidMap, groups, r) && !r->Bad && r->Left == 0)
        {
            made = ns;
            return 0;
        }
        Put(ns);
        return -Errno.EINVAL;
    }

    private static bool LoadMap(IdMap* map, ulong count, ImageReader* r)
    {
        if (count > IdMap.MaxExtents) return false;
        for (ulong i = 0; i < count; i++)
        {
            ulong ids = r->Word();
            IdExtent e = new() { First = (uint)ids, Lower = (uint)(ids >> 32), Count = (uint)r->Word() };
            if (e.Count == 0 || (ulong)e.First + e.Count > uint.MaxValue || (ulong)e.Lower + e.Count > uint.MaxValue || !IdMap.Add(map, e)) return false;
        }
        return true;
    }
}
