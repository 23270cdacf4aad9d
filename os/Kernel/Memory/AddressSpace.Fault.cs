using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Result of resolving a fault.</summary>
public enum FaultResult { Ok, NoMapping, NoAccess, BusError, OutOfMemory }

/// <summary>Demand paging and copy-on-write.</summary>
public unsafe partial struct AddressSpace
{
    /// <summary>Most the stack may grow (RLIMIT_STACK's default).</summary>
    public const ulong StackLimit = 8 << 20;

    /// <summary>Lowest address that may be mapped (vm.mmap_min_addr).</summary>
    public const ulong LowestAddress = 0x10000;

    /// <summary>The page of zeros that read faults on anonymous memory map.</summary>
    public static ulong ZeroPage;

    /// <summary>Makes one page present with the rights that the access needs.</summary>
    public static FaultResult HandleFault(AddressSpace* mm, ulong address, bool write, bool execute)
    {
        mm->Lock.Acquire();
        FaultResult r = HandleLocked(mm, address & ~4095UL, write, execute);
        mm->Lock.Release();
        return r;
    }

    private static FaultResult HandleLocked(AddressSpace* mm, ulong page, bool write, bool execute)
    {
        Vma* v = Find(mm, page);
        if (v == null) v = GrowStack(mm, page);
        if (v == null) return FaultResult.NoMapping;
        int need = write ? MapFlags.ProtWrite : execute ? MapFlags.ProtExec : MapFlags.ProtRead | MapFlags.ProtExec | MapFlags.ProtWrite;
        if ((v->Prot & need) == 0) return FaultResult.NoAccess;
        ulong* e = PageTable.Entry(mm->Root, page, true);
        if (e == null) return FaultResult.OutOfMemory;
        if ((*e & Pte.Present) == 0) return MakePresent(mm, v, page, e, write);
        if (write && (*e & Pte.Write) == 0) return MakeWritable(mm, v, page, e);
        return FaultResult.Ok; // another thread was faster
    }

    /// <summary>Entry bits for a page of the mapping.</summary>
    private static ulong Rights(Vma* v, bool writable)
    {
        ulong bits = Pte.Present | Pte.User | Pte.Accessed;
        if (writable) bits |= Pte.Write | Pte.Dirty;
        if ((v->Prot & MapFlags.ProtExec) == 0 && CpuFeatures.Nx) bits |= Pte.NoExecute;
        return bits;
    }

    private static FaultResult MakePresent(AddressSpace* mm, Vma* v, ulong page, ulong* e, bool write)
    {
        if (v->Kind == VmaKind.Special)
        {
            ulong entry = v->SpecialFault(mm, v, (page - v->Start) >> 12);
            if (entry == 0) return FaultResult.BusError;
            *e = entry | Rights(v, false) | Pte.Special;
            return FaultResult.Ok;
        }
        if (v->Kind == VmaKind.File) return MakeFilePage(mm, v, page, e, write);
        if (!write)
        {
            *e = ZeroPage | Rights(v, false) | Pte.Special;
            return FaultResult.Ok;
        }
        ulong fresh = PageAllocator.AllocateZeroed();
        if (fresh == 0) return FaultResult.OutOfMemory;
        mm->CountResident(1);
        *e = fresh | Rights(v, true);
        return FaultResult.Ok;
    }

    private static FaultResult MakeFilePage(AddressSpace* mm, Vma* v, ulong page, ulong* e, bool write)
    {
        ulong index = (v->FileOffset + (page - v->Start)) >> 12;
        ulong cached = PageCache.Get(v->Inode, index, v->Shared && v->Inode->Unnamed, out bool outOfMemory);
        if (cached == 0) return outOfMemory ? FaultResult.OutOfMemory : FaultResult.BusError;
        if (write && !v->Shared)
        {
            ulong copy = PageAllocator.Allocate(0);
            if (copy == 0)
            {
                Pages.Put(cached);
                return FaultResult.OutOfMemory;
            }
            Text.Copy(DirectMap.Pointer(copy), DirectMap.Pointer(cached), 4096);
            Pages.Put(cached);
            *e = copy | Rights(v, true);
        }
        else *e = cached | Rights(v, v->Shared && (v->Prot & MapFlags.ProtWrite) != 0);
        mm->CountResident(1);
        return FaultResult.Ok;
    }

    private static FaultResult MakeWritable(AddressSpace* mm, Vma* v, ulong page, ulong* e)
    {
        ulong old = *e & Pte.AddressMask;
        if (v->Kind == VmaKind.Special) return FaultResult.NoAccess;
        if (v->Shared || (*e & Pte.Special) == 0 && Pages.Count(old) == 1)
        {
            *e |= Pte.Write | Pte.Dirty;
            Machine.Invlpg((void*)page); // a stale read-only translation elsewhere only costs a spurious fault
            return FaultResult.Ok;
        }
        ulong copy = PageAllocator.Allocate(0);
        if (copy == 0) return FaultResult.OutOfMemory;
        bool zero = (*e & Pte.Special) != 0;
        if (zero) Text.Fill(DirectMap.Pointer(copy), 0, 4096);
        else Text.Copy(DirectMap.Pointer(copy), DirectMap.Pointer(old), 4096);
        *e = copy | Rights(v, true);
        TlbShootdown.Flush(mm, page, page + 4096);
        if (zero) mm->CountResident(1);
        else Pages.Put(old);
        return FaultResult.Ok;
    }

    private static Vma* GrowStack(AddressSpace* mm, ulong page)
    {
        Vma* previous = null;
        Vma* v = mm->First;
        for (; v != null && v->Start <= page; v = v->Next) previous = v;
        if (v == null || !v->GrowsDown || v->End - page > StackLimit || page < LowestAddress) return null;
        if (previous != null && previous->End + (256 << 12) > page) return null; // the guard gap
        mm->MappedPages += (long)((v->Start - page) >> 12);
        v->Start = page;
        return v;
    }

    private void CountResident(long pages)
    {
        ResidentPages += pages;
        if (ResidentPages > PeakResidentPages) PeakResidentPages = ResidentPages;
    }
}
