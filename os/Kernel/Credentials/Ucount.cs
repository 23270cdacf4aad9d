namespace CoSim.Os;

/// <summary>What is counted against limits.</summary>
public enum UcountType { UserNamespaces, TimeNamespaces }

/// <summary>
/// How many namespaces a user of a user namespace has made (Linux's ucounts). A namespace counts in its creator's user namespace and,
/// by the creators of those, in all above; each has limits of its own, so that none can be exceeded from below.
/// </summary>
public unsafe struct Ucount
{
    public Ucount* Next;
    public UserNamespace* Ns;
    public uint Uid;
    public int UserNamespaces, TimeNamespaces;

    /// <summary>Limit in the initial namespace: half of the threads that fit into an eighth of memory, as Linux sets it at boot.</summary>
    public static int DefaultLimit = 15000;

    /// <summary>Sets it for a machine with so many pages of 4 KiB; kernel stacks take 16 KiB. Before the initial namespace is used.</summary>
    public static void SetDefaultLimit(ulong pages) => DefaultLimit = (int)(pages / (4 * 8 * 2));

    private static SpinLock s_lock;

    private static int* Counter(Ucount* c, UcountType type) =>
        type == UcountType.UserNamespaces ? Text.Address(ref c->UserNamespaces) : Text.Address(ref c->TimeNamespaces);

    private static int Limit(UserNamespace* ns, UcountType type) => type == UcountType.UserNamespaces ? ns->MaxUserNamespaces : ns->MaxTimeNamespaces;

    /// <summary>Counts one more. Null when that would exceed a limit here or above, or memory is out.</summary>
    public static Ucount* Increment(UserNamespace* ns, uint uid, UcountType type)
    {
        s_lock.Acquire();
        Ucount* first = Find(ns, uid);
        Ucount* at = first;
        for (; at != null; at = at->Ns->CreatorCount)
        {
            int* n = Counter(at, type);
            if (*n >= Limit(at->Ns, type)) break;
            ++*n;
        }
        if (at != null)
        {
            for (Ucount* undo = first; undo != at; undo = undo->Ns->CreatorCount) --*Counter(undo, type);
            FreeUnused(first);
            first = null;
        }
        s_lock.Release();
        return first;
    }

    /// <summary>Undoes <see cref="Increment"/>. Null is allowed.</summary>
    public static void Decrement(Ucount* c, UcountType type)
    {
        s_lock.Acquire();
        while (c != null)
        {
            Ucount* next = c->Ns->CreatorCount;
            --*Counter(c, type);
            FreeUnused(c);
            c = next;
        }
        s_lock.Release();
    }

    /// <summary>Only what counts something has references to it.</summary>
    private static void FreeUnused(Ucount* c)
    {
        if (c->UserNamespaces != 0 || c->TimeNamespaces != 0) return;
        Ucount** link = &c->Ns->Counts;
        while (*link != c) link = &(*link)->Next;
        *link = c->Next;
        Heap.Free(c);
    }

    private static Ucount* Find(UserNamespace* ns, uint uid)
    {
        for (Ucount* c = ns->Counts; c != null; c = c->Next) if (c->Uid == uid) return c;
        Ucount* made = Heap.New<Ucount>();
        if (made == null) return null;
        made->Ns = ns;
        made->Uid = uid;
        made->Next = ns->Counts;
        ns->Counts = made;
        return made;
    }
}
