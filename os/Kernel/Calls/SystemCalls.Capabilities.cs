namespace CoSim.Os;

/// <summary>capget, capset and the capability part of prctl (capabilities(7)).</summary>
public static unsafe partial class SystemCalls
{
    private const uint CapabilityVersion1 = 0x19980330, CapabilityVersion2 = 0x20071026, CapabilityVersion3 = 0x20080522;

    private static void RegisterCapabilities()
    {
        Set(Nr.Capget, &CapGet);
        Set(Nr.Capset, &CapSet);
    }

    /// <summary>The number of 32-bit words per set that a header's version means; an unknown version is answered with ours.</summary>
    private static long ReadCapHeader(ulong header, out int words, out int pid)
    {
        words = 0;
        pid = 0;
        if (UserMemory.Read32(header, out uint version) != 0 || UserMemory.Read32(header + 4, out uint p) != 0) return -Errno.EFAULT;
        pid = (int)p;
        words = version == CapabilityVersion1 ? 1 : version is CapabilityVersion2 or CapabilityVersion3 ? 2 : 0;
        if (words != 0) return 0;
        return UserMemory.Write32(header, CapabilityVersion3) != 0 ? -Errno.EFAULT : -Errno.EINVAL;
    }

    private static long CapGet(TrapFrame* f)
    {
        long r = ReadCapHeader(f->Rdi, out int words, out int pid);
        // With a null pointer the call asks for the version alone.
        if (r != 0) return f->Rsi == 0 && r == -Errno.EINVAL ? 0 : r;
        if (pid < 0) return -Errno.EINVAL;
        Task* t = FindTask(pid);
        if (t == null) return -Errno.ESRCH;
        Credentials* c = t->Cred;
        uint* sets = stackalloc uint[6];
        for (int i = 0; i < 2; i++)
        {
            sets[i * 3] = (uint)(c->Effective >> (32 * i));
            sets[i * 3 + 1] = (uint)(c->Permitted >> (32 * i));
            sets[i * 3 + 2] = (uint)(c->Inheritable >> (32 * i));
        }
        TaskList.Put(t);
        return f->Rsi == 0 ? 0 : UserMemory.CopyTo(f->Rsi, sets, (ulong)words * 12);
    }

    private static long CapSet(TrapFrame* f)
    {
        long r = ReadCapHeader(f->Rdi, out int words, out int pid);
        if (r != 0) return r;
        if (pid != 0 && pid != Cpu.CurrentTask->Pid) return -Errno.EPERM;
        uint* sets = stackalloc uint[6];
        for (int i = 0; i < 6; i++) sets[i] = 0;
        if (UserMemory.CopyFrom(sets, f->Rsi, (ulong)words * 12) != 0) return -Errno.EFAULT;
        ulong effective = (sets[0] | (ulong)sets[3] << 32) & Cap.All, permitted = (sets[1] | (ulong)sets[4] << 32) & Cap.All, inheritable = (sets[2] | (ulong)sets[5] << 32) & Cap.All;
        Credentials* old = Own;
        bool mayInherit = Permission.Capable(old->UserNs, Cap.SetPcap);
        if (!mayInherit && (inheritable & ~(old->Inheritable | old->Permitted)) != 0) return -Errno.EPERM;
        if ((inheritable & ~(old->Inheritable | old->Bounding)) != 0 || (permitted & ~old->Permitted) != 0 || (effective & ~permitted) != 0) return -Errno.EPERM;
        Credentials* c = Credentials.Copy(old);
        if (c == null) return -Errno.ENOMEM;
        c->Effective = effective;
        c->Permitted = permitted;
        c->Inheritable = inheritable;
        c->Ambient &= permitted & inheritable;
        Credentials.Commit(c);
        return 0;
    }

    /// <summary>PR_CAPBSET_READ and PR_CAPBSET_DROP.</summary>
    private static long BoundingSet(int capability, bool drop)
    {
        if ((uint)capability > Cap.Last) return -Errno.EINVAL;
        if (!drop) return (Own->Bounding >> capability & 1) != 0 ? 1 : 0;
        if (!Permission.Capable(Own->UserNs, Cap.SetPcap)) return -Errno.EPERM;
        Credentials* c = Credentials.Copy(Own);
        if (c == null) return -Errno.ENOMEM;
        c->Bounding &= ~Cap.Bit(capability);
        Credentials.Commit(c);
        return 0;
    }

    /// <summary>PR_SET_KEEPCAPS.</summary>
    private static long SetKeepCapabilities(ulong on)
    {
        if (on > 1) return -Errno.EINVAL;
        Credentials* c = Credentials.Copy(Own);
        if (c == null) return -Errno.ENOMEM;
        c->SecureBits = on != 0 ? c->SecureBits | Credentials.KeepCaps : c->SecureBits & ~Credentials.KeepCaps;
        Credentials.Commit(c);
        return 0;
    }
}
