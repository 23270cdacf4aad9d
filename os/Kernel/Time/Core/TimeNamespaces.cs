using CoSim.Os.Timekeeping;

namespace CoSim.Os;

/// <summary>Kernel versions between which the rules of time namespaces, futexes and clocks differ: major, minor (two digits), patch (three).</summary>
internal enum OsSemantics
{
    /// <summary>Leap seconds do not tell the timers (until 3.5).</summary>
    Linux34 = 304_000,
    Linux56 = 506_000,

    /// <summary>FUTEX_LOCK_PI's deadline is taken for a monotonic one (5.10 to 5.12).</summary>
    Linux510 = 510_000,

    /// <summary>The nanoseconds of an offset may be negative (until 6.1.190).</summary>
    Linux61190 = 601_190,

    /// <summary>6.1.192.</summary>
    Linux61 = 601_192,

    /// <summary>6.12.117.</summary>
    Linux612 = 612_117,

    /// <summary>Coarse clocks never go back (since 6.15).</summary>
    Linux615 = 615_000,
}

/// <summary>
/// Creating, entering, freezing and leaving time namespaces. Rules: time namespace reference, sections 1, 2 and 4.
/// A function that makes a task enter a namespace reports that its vvar pages must be mapped anew.
/// </summary>
internal static unsafe class TimeNamespaces
{
    internal const ulong CloneVm = 0x100;
    internal const ulong CloneThread = 0x10000;

    /// <summary>CLONE_NEWTIME: the highest bit of CSIGNAL, so that only unshare and clone3 can take it.</summary>
    internal const ulong CloneNewTime = 0x80;

    /// <summary>All CLONE_NEW* flags: NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.</summary>
    internal const ulong CloneNewAll = CloneNewTime | 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000;

    /// <summary>Inode number of the initial time namespace.</summary>
    internal const uint InitialInum = 0xEFFFFFFA;

    /// <summary>First inode number given to a namespace that is created.</summary>
    private const uint FirstDynamicInum = 0xF0000000;

    private static TimeNamespace s_initial;
    private static NsProxy s_initialProxy;
    private static uint s_nextInum = FirstDynamicInum;

    /// <summary>Serialises freezing and writing offsets (one mutex for all, as the reference says).</summary>
    private static SpinLock s_lock;

    internal static OsSemantics Semantics = OsSemantics.Linux61;

    internal static TimeNamespace* Initial => Text.Address(ref s_initial);

    /// <summary>The proxy of tasks that never changed their namespaces; made at the first use, by the first idle task.</summary>
    internal static NsProxy* InitialProxy
    {
        get
        {
            if (s_initialProxy.Refs == 0) Initialise();
            return Text.Address(ref s_initialProxy);
        }
    }

    /// <summary>Sets up the initial namespace: no offsets, frozen, without a page of its own.</summary>
    internal static void Initialise()
    {
        s_initial = default;
        s_initial.Refs = 3;
        s_initial.Inum = InitialInum;
        s_initial.Frozen = true;
        s_initialProxy = default;
        s_initialProxy.Refs = 1;
        s_initialProxy.TimeNs = Initial;
        s_initialProxy.TimeNsForChildren = Initial;
        s_initial.UserNs = UserNamespace.Get(UserNamespace.Initial);
        s_nextInum = FirstDynamicInum;
    }

    internal static TimeNamespace* Get(TimeNamespace* ns)
    {
        RefCount.Add(&ns->Refs, 1);
        return ns;
    }

    /// <summary>Drops a reference; the last one frees the namespace and its page.</summary>
    internal static void Put(TimeNamespace* ns)
    {
        if (RefCount.Add(&ns->Refs, -1) != 1) return;
        Ucount.Decrement(ns->Count, UcountType.TimeNamespaces);
        UserNamespace.Put(ns->UserNs);
        PageAllocator.Free(ns->VvarPage, 0);
        Heap.Free(ns);
    }

    internal static void PutProxy(NsProxy* proxy)
    {
        if (RefCount.Add(&proxy->Refs, -1) != 1) return;
        Put(proxy->TimeNs);
        Put(proxy->TimeNsForChildren);
        Heap.Free(proxy);
    }

    /// <summary>A new namespace with the offsets of <paramref name="from"/>, not frozen.</summary>
    /// <returns>0, -ENOSPC at the limit, or -ENOMEM.</returns>
    private static int Create(TimeNamespace* from, NamespaceCreator creator, out TimeNamespace* created)
    {
        created = null;
        // Counted since 5.7.
        Ucount* count = null;
        if (Semantics > OsSemantics.Linux56 && (count = Ucount.Increment(creator.UserNs, creator.Uid, UcountType.TimeNamespaces)) == null) return -Errno.ENOSPC;
        TimeNamespace* ns = Heap.New<TimeNamespace>();
        ulong page = ns == null ? 0 : PageAllocator.AllocateZeroed();
        if (page == 0)
        {
            Heap.Free(ns);
            Ucount.Decrement(count, UcountType.TimeNamespaces);
            return -Errno.ENOMEM;
        }
        ns->Refs = 1;
        ns->UserNs = UserNamespace.Get(creator.UserNs);
        ns->Count = count;
        ns->VvarPage = page;
        ns->Offsets = from->Offsets;
        ns->Inum = NextInum();
        created = ns;
        return 0;
    }

    /// <summary>A namespace of an image: so far ahead of another one, in nanoseconds, and frozen when somebody has lived in it.</summary>
    /// <returns>0, -ENOSPC, -ENOMEM, or -EINVAL for offsets that no namespace can have.</returns>
    internal static int Restore(TimeNamespace* from, long monotonic, long boottime, bool frozen, NamespaceCreator creator, out TimeNamespace* made)
    {
        made = null;
        long most = TimeUnits.KtimeSecMax / 2 * TimeUnits.NsecPerSec;
        if (monotonic < -most || monotonic > most || boottime < -most || boottime > most) return -Errno.EINVAL;
        int error = Create(from, creator, out TimeNamespace* ns);
        if (error != 0) return error;
        ns->Offsets.Monotonic = Timespec.Add(from->Offsets.Monotonic, Span(monotonic));
        ns->Offsets.Boottime = Timespec.Add(from->Offsets.Boottime, Span(boottime));
        if (frozen) Freeze(ns);
        made = ns;
        return 0;
    }

    /// <summary>Nanoseconds of either sign as a normalised timespec.</summary>
    private static Timespec Span(long nanoseconds)
    {
        long seconds = nanoseconds / TimeUnits.NsecPerSec, rest = nanoseconds % TimeUnits.NsecPerSec;
        return rest < 0 ? new Timespec(seconds - 1, rest + TimeUnits.NsecPerSec) : new Timespec(seconds, rest);
    }

    /// <summary>An inode number for a new namespace of any kind.</summary>
    internal static uint NextInum() => (uint)RefCount.Add((int*)Text.Address(ref s_nextInum), 1);

    /// <summary>A proxy with the task's time_ns, and either its time_ns_for_children or a new namespace made from it.</summary>
    private static int CopyProxy(ulong flags, NsProxy* old, NamespaceCreator creator, out NsProxy* copy)
    {
        copy = Heap.New<NsProxy>();
        if (copy == null) return -Errno.ENOMEM;
        copy->Refs = 1;
        if ((flags & CloneNewTime) != 0)
        {
            int error = Create(old->TimeNsForChildren, creator, out copy->TimeNsForChildren);
            if (error != 0)
            {
                Heap.Free(copy);
                copy = null;
                return error;
            }
        }
        else
        {
            copy->TimeNsForChildren = Get(old->TimeNsForChildren);
        }
        copy->TimeNs = Get(old->TimeNs);
        return 0;
    }

    /// <summary>What fork and clone do, in the order of copy_process and copy_namespaces.</summary>
    /// <param name="flags">Clone flags; CLONE_NEWTIME only from clone3.</param>
    /// <param name="parent">The parent's proxy.</param>
    /// <param name="creator">The parent; a new namespace is counted on it.</param>
    /// <param name="child">The child's proxy, referenced.</param>
    /// <param name="entered">The child has gone into its namespace: its vvar pages must be mapped anew.</param>
    /// <returns>0, -EINVAL, -EPERM, -ENOSPC or -ENOMEM.</returns>
    internal static int Clone(ulong flags, NsProxy* parent, NamespaceCreator creator, out NsProxy* child, out bool entered)
    {
        child = null;
        entered = false;
        bool moves = parent->TimeNs != parent->TimeNsForChildren;
        bool sharesMemory = (flags & CloneVm) != 0;
        // Before 6.2 a task may not share its memory with one that will live in another namespace.
        if (Semantics < OsSemantics.Linux612 && (flags & (CloneVm | CloneThread)) != 0 && moves) return -Errno.EINVAL;
        if ((flags & CloneNewTime) != 0 && Semantics < OsSemantics.Linux61190) return -Errno.EINVAL;

        if ((flags & CloneNewAll) == 0)
        {
            // A plain fork after unshare needs a proxy of its own, and no capability.
            if (!moves || (sharesMemory && Semantics >= OsSemantics.Linux612))
            {
                RefCount.Add(&parent->Refs, 1);
                child = parent;
                return 0;
            }
        }
        else if (!creator.MayAdmin)
        {
            return -Errno.EPERM;
        }

        int error = CopyProxy(flags, parent, creator, out child);
        if (error != 0) return error;
        if (!sharesMemory || Semantics < OsSemantics.Linux612) entered = Enter(child);
        return 0;
    }

    /// <summary>What unshare(CLONE_NEWTIME) makes of a proxy: only time_ns_for_children is replaced; the caller stays.</summary>
    /// <returns>0, -EPERM, -ENOSPC or -ENOMEM.</returns>
    internal static int PrepareUnshare(NsProxy* old, NamespaceCreator creator, out NsProxy* copy)
    {
        copy = null;
        return creator.MayAdmin ? CopyProxy(CloneNewTime, old, creator, out copy) : -Errno.EPERM;
    }

    /// <summary>setns: the caller and its future children go into <paramref name="target"/>, which freezes.</summary>
    /// <returns>0, -EUSERS, -EPERM or -ENOMEM, checked in this order.</returns>
    internal static int Install(NsProxy** slot, TimeNamespace* target, bool singleThreaded, bool mayAdmin)
    {
        if (!singleThreaded) return -Errno.EUSERS;
        if (!mayAdmin) return -Errno.EPERM;
        NsProxy* proxy = Heap.New<NsProxy>();
        if (proxy == null) return -Errno.ENOMEM;
        proxy->Refs = 1;
        proxy->TimeNs = Get(target);
        proxy->TimeNsForChildren = Get(target);
        NsProxy* old = *slot;
        *slot = proxy;
        PutProxy(old);
        Freeze(target);
        return 0;
    }

    /// <summary>execve: since 6.2 the task goes where its children would have been born.</summary>
    /// <returns>0 or -ENOMEM.</returns>
    internal static int Exec(NsProxy** slot, out bool entered)
    {
        entered = false;
        if (Semantics < OsSemantics.Linux612 || (*slot)->TimeNs == (*slot)->TimeNsForChildren) return 0;
        NsProxy* copy;
        int error = CopyProxy(0, *slot, default, out copy);
        if (error != 0) return error;
        NsProxy* old = *slot;
        *slot = copy;
        PutProxy(old);
        entered = Enter(copy);
        return 0;
    }

    /// <summary>Moves a proxy that nobody uses yet into its namespace for children.</summary>
    private static bool Enter(NsProxy* proxy)
    {
        TimeNamespace* target = proxy->TimeNsForChildren;
        if (proxy->TimeNs == target) return false;
        TimeNamespace* old = proxy->TimeNs;
        proxy->TimeNs = Get(target);
        Put(old);
        Freeze(target);
        return true;
    }

    /// <summary>First entry: fixes the offsets and writes them into the namespace's page.</summary>
    private static void Freeze(TimeNamespace* ns)
    {
        if (ns->Frozen) return;
        s_lock.Acquire();
        if (!ns->Frozen)
        {
            VdsoUpdate.FillNamespacePage((byte*)DirectMap.Pointer(ns->VvarPage), ns->Offsets.Monotonic, ns->Offsets.Boottime);
            ns->Frozen = true;
        }
        s_lock.Release();
    }

    /// <summary>
    /// Applies a parsed write to timens_offsets, in the order of its errors: permission, range of each offset, frozen
    /// (time namespace reference, section 3).
    /// </summary>
    /// <param name="ns">The target's time_ns_for_children.</param>
    /// <param name="request">The parsed text.</param>
    /// <param name="mayTime">Whoever opened the file has CAP_SYS_TIME.</param>
    /// <param name="monotonicNow">The host's CLOCK_MONOTONIC.</param>
    /// <param name="boottimeNow">The host's CLOCK_BOOTTIME.</param>
    internal static int SetOffsets(TimeNamespace* ns, TimensRequest* request, bool mayTime, Timespec monotonicNow, Timespec boottimeNow)
    {
        if (!mayTime) return -Errno.EPERM;
        for (int i = 0; i < request->Count; i++)
        {
            TimensLine line = i == 0 ? request->First : request->Second;
            int error = TimensText.CheckRange(line.Value, line.Clock == ClockId.Monotonic ? monotonicNow : boottimeNow);
            if (error != 0) return error;
        }
        s_lock.Acquire();
        int result = ns->Frozen ? -Errno.EACCES : 0;
        for (int i = 0; i < request->Count && result == 0; i++)
        {
            TimensLine line = i == 0 ? request->First : request->Second;
            if (line.Clock == ClockId.Monotonic) ns->Offsets.Monotonic = line.Value;
            else ns->Offsets.Boottime = line.Value;
        }
        s_lock.Release();
        return result;
    }
}
