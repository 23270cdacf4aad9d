namespace CoSim.Os;

/// <summary>
/// What makes two user words the same: address space and address, or, for words in shared mappings, the memory itself.
/// </summary>
public unsafe struct FutexKey
{
    /// <summary>Physical address for shared words, user address otherwise.</summary>
    public ulong Address;

    /// <summary>Null for shared words.</summary>
    public AddressSpace* Mm;

    public readonly bool Equals(FutexKey other) => Address == other.Address && Mm == other.Mm;

    /// <summary>The key of a word of the running task. <paramref name="shared"/>: without FUTEX_PRIVATE_FLAG, which looks at the memory.</summary>
    /// <returns>0, -EINVAL for an address that is not a multiple of 4, or -EFAULT.</returns>
    public static long Find(ulong address, bool shared, FutexKey* key)
    {
        AddressSpace* mm = Cpu.CurrentTask->Mm;
        key->Address = address;
        key->Mm = mm;
        if ((address & 3) != 0) return -Errno.EINVAL;
        if (!UserMemory.IsUser(address, 4)) return -Errno.EFAULT;
        if (!shared) return 0;
        int r = UserMemory.Read32(address, out _);
        if (r != 0) return r;
        mm->Lock.Acquire();
        Vma* v = AddressSpace.Find(mm, address);
        ulong* entry = v != null && v->Shared ? PageTable.Entry(mm->Root, address, false) : null;
        if (entry != null)
        {
            key->Address = (*entry & Pte.AddressMask) + (address & 4095);
            key->Mm = null;
        }
        // A page of one's own that cannot be written never changes: nobody could wake who waits there.
        const int Writable = 2;
        bool constant = v != null && !v->Shared && v->Inode == null && (v->Prot & Writable) == 0;
        mm->Lock.Release();
        return constant ? -Errno.EFAULT : 0;
    }
}
