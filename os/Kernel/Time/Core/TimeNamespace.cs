using CoSim.Os.Timekeeping;

namespace CoSim.Os;

/// <summary>Who asks for a namespace: the permission that he has, and where it is counted.</summary>
internal readonly unsafe struct NamespaceCreator(bool mayAdmin, UserNamespace* userNs, uint uid)
{
    /// <summary>CAP_SYS_ADMIN over <see cref="UserNs"/>.</summary>
    internal bool MayAdmin { get; } = mayAdmin;

    /// <summary>The user namespace that will own what is made.</summary>
    internal UserNamespace* UserNs { get; } = userNs;

    /// <summary>Effective user id of the creator, counted against limits.</summary>
    internal uint Uid { get; } = uid;
}

/// <summary>
/// A time namespace: what its members' monotonic and boot-time clocks are ahead of the host's. Object model and life:
/// time namespace reference, sections 1 and 4. Unmanaged, reference counted.
/// </summary>
public unsafe struct TimeNamespace
{
    /// <summary>One for each field of an NsProxy that points here, each open namespace file, and each lookup.</summary>
    internal int Refs;

    /// <summary>Inode number of /proc/PID/ns/time.</summary>
    internal uint Inum;
    internal TimensOffsets Offsets;

    /// <summary>The user namespace whose capabilities govern this one, and the creator's count there (null: not counted).</summary>
    internal UserNamespace* UserNs;
    internal Ucount* Count;

    /// <summary>True from the first entry of a task: the offsets are fixed for ever.</summary>
    internal bool Frozen;

    /// <summary>Physical address of the page that stands in for the vDSO's data; 0 in the initial namespace, which has none.</summary>
    internal ulong VvarPage;
}
