namespace CoSim.Os;

/// <summary>Creating, splitting, protecting and removing mappings. The lock is held in all of these unless said otherwise.</summary>
public unsafe partial struct AddressSpace
{
    /// <summary>
    /// Inserts a copy of <paramref name="model"/> (Start and End set; the range must be free). References to the inode and dentry are taken.
    /// Merges with an equal anonymous neighbour. Returns the mapping, or null when memory is out.
    /// </summary>
    public static Vma* Insert(AddressSpace* mm, Vma* model)
    {
        mm->MappedPages += (long)((model->End - model->Start) >> 12);
        Vma* previous = null;
        for (Vma* v = mm->First; v != null && v->Start < model->Start; v = v->Next) previous = v;
        if (previous != null && previous->End == model->Start && Mergeable(previous, model))
        {
            previous->End = model->End;
            return previous;
        }
        Vma* n = Heap.New<Vma>();
        if (n == null) return null;
        *n = *model;
        if (n->Inode != null) Inode.Get(n->Inode);
        if (n->Dentry != null) Dentry.Get(n->Dentry);
        n->Next = previous == null ? mm->First : previous->Next;
        if (previous == null) mm->First = n;
        else previous->Next = n;
        return n;
    }

    private static bool Mergeable(Vma* a, Vma* b) =>
        a->Kind == VmaKind.Anonymous && b->Kind == VmaKind.Anonymous && a->Prot == b->Prot && a->Name == b->Name && !a->GrowsDown && !b->GrowsDown;

    /// <summary>Whether nothing is mapped in [start, end).</summary>
    public static bool IsFree(AddressSpace* mm, ulong start, ulong end)
    {
        for (Vma* v = mm->First; v != null && v->Start < end; v = v->Next) if (v->End > start) return false;
        return true;
    }

    /// <summary>The highest free range of that length below <see cref="MmapTop"/>, or 0.</summary>
    public static ulong FindFree(AddressSpace* mm, ulong length)
    {
        ulong best = 0, gapStart = LowestAddress;
        for (Vma* v = mm->First; ; v = v->Next)
        {
            ulong gapEnd = v == null ? mm->MmapTop : Bits.Min(v->Start, mm->MmapTop);
            if (gapEnd > gapStart && gapEnd - gapStart >= length) best = gapEnd - length;
            if (v == null || v->Start >= mm->MmapTop) return best;
            gapStart = v->End;
        }
    }

    /// <summary>Cuts the mapping that contains <paramref name="at"/> in two there. False when memory is out.</summary>
    private static bool SplitAt(AddressSpace* mm, ulong at)
    {
        Vma* v = Find(mm, at);
        if (v == null || v->Start == at) return true;
        Vma* tail = Heap.New<Vma>();
        if (tail == null) return false;
        *tail = *v;
        if (tail->Inode != null) Inode.Get(tail->Inode);
        if (tail->Dentry != null) Dentry.Get(tail->Dentry);
        tail->Start = at;
        tail->FileOffset += at - v->Start;
        v->End = at;
        v->GrowsDown = false;
        v->Next = tail;
        return true;
    }

    /// <summary>Removes all mappings in [start, end). 0 or -ENOMEM.</summary>
    public static int Unmap(AddressSpace* mm, ulong start, ulong end)
    {
        if (!SplitAt(mm, start) || !SplitAt(mm, end)) return -Errno.ENOMEM;
        Vma** link = FirstLink(mm);
        while (*link != null && (*link)->Start < end)
        {
            Vma* v = *link;
            if (v->End <= start) { link = &v->Next; continue; }
            ReleasePages(mm, v->Start, v->End, true);
            mm->MappedPages -= (long)((v->End - v->Start) >> 12);
            *link = v->Next;
            FreeVma(v);
        }
        return 0;
    }

    private static Vma** FirstLink(AddressSpace* mm) => &mm->First;

    private static void FreeVma(Vma* v)
    {
        if (v->Inode != null) Inode.Put(v->Inode);
        if (v->Dentry != null) Dentry.Put(v->Dentry);
        Heap.Free(v);
    }

    /// <summary>Changes rights in [start, end), all of which must be mapped. 0, -ENOMEM or -EACCES.</summary>
    public static int Protect(AddressSpace* mm, ulong start, ulong end, int prot)
    {
        ulong covered = start;
        for (Vma* v = mm->First; v != null && covered < end; v = v->Next)
        {
            if (v->End <= covered) continue;
            if (v->Start > covered) break;
            if (v->Kind == VmaKind.Special && (prot & MapFlags.ProtWrite) != 0) return -Errno.EACCES;
            covered = v->End;
        }
        if (covered < end) return -Errno.ENOMEM;
        if (!SplitAt(mm, start) || !SplitAt(mm, end)) return -Errno.ENOMEM;
        for (Vma* v = mm->First; v != null && v->Start < end; v = v->Next)
        {
            if (v->Start < start) continue;
            v->Prot = prot;
            ReviseEntries(mm, v);
        }
        TlbShootdown.Flush(mm, start, end);
        return 0;
    }

    /// <summary>Applies changed rights to present pages: write permission is only taken here, and given back by faults.</summary>
    private static void ReviseEntries(AddressSpace* mm, Vma* v)
    {
        for (ulong a = v->Start; a < v->End; a += 4096)
        {
            ulong* e = NextEntry(mm, ref a, v->End);
            if (e == null) return;
            if (!Pte.Holds(*e)) continue;
            if (v->Prot == 0)
            {
                *e = *e & ~(Pte.Present | Pte.Write) | Pte.Hidden;
                continue;
            }
            *e = *e & ~Pte.Hidden | Pte.Present;
            if ((v->Prot & MapFlags.ProtWrite) == 0) *e &= ~Pte.Write;
            if ((v->Prot & MapFlags.ProtExec) != 0) *e &= ~Pte.NoExecute;
            else if (CpuFeatures.Nx) *e |= Pte.NoExecute;
        }
    }

    /// <summary>The entry of the first page at or after <paramref name="address"/> whose table exists (address is moved there), or null if none below end.</summary>
    private static ulong* NextEntry(AddressSpace* mm, ref ulong address, ulong end)
    {
        while (address < end)
        {
            ulong* table = (ulong*)DirectMap.Pointer(mm->Root);
            int shift = 39;
            for (; shift > 12; shift -= 9)
            {
                ulong entry = table[(address >> shift) & 511];
                if ((entry & Pte.Present) == 0) break;
                table = (ulong*)DirectMap.Pointer(entry & Pte.AddressMask);
            }
            if (shift == 12) return table + ((address >> 12) & 511);
            address = ((address >> shift) + 1) << shift;
        }
        return null;
    }

    /// <summary>Drops the pages of a range. With <paramref name="flush"/>, other CPUs' translations go before the pages are reused.</summary>
    public static void ReleasePages(AddressSpace* mm, ulong start, ulong end, bool flush)
    {
        const int Batch = 64;
        ulong* freed = stackalloc ulong[Batch];
        int n = 0;
        bool any = false;
        for (ulong a = start; a < end; a += 4096)
        {
            ulong* e = NextEntry(mm, ref a, end);
            if (e == null) break;
            ulong entry = *e;
            if (!Pte.Holds(entry)) continue;
            *e = 0;
            any = true;
            if ((entry & Pte.Special) != 0) continue;
            mm->ResidentPages--;
            freed[n++] = entry & Pte.AddressMask;
            if (n < Batch) continue;
            if (flush) TlbShootdown.Flush(mm, start, end);
            while (n > 0) Pages.Put(freed[--n]);
        }
        if (any && flush) TlbShootdown.Flush(mm, start, end);
        while (n > 0) Pages.Put(freed[--n]);
    }

    /// <summary>Drops all mappings; nobody else uses the address space.</summary>
    private static void ReleaseAll(AddressSpace* mm)
    {
        while (mm->First != null)
        {
            Vma* v = mm->First;
            ReleasePages(mm, v->Start, v->End, false);
            mm->First = v->Next;
            FreeVma(v);
        }
        if (Cpu.Current->LoadedMm == mm) CoSim.Guest.Machine.WriteCr3(CoSim.Guest.Machine.ReadCr3());
    }

    /// <summary>A copy of the address space for fork: private pages are shared read-only until written. Takes the parent's lock. Null when memory is out.</summary>
    public static AddressSpace* Fork(AddressSpace* parent)
    {
        AddressSpace* child = Create();
        if (child == null) return null;
        parent->Lock.Acquire();
        child->BrkStart = parent->BrkStart;
        child->Brk = parent->Brk;
        child->MmapTop = parent->MmapTop;
        child->StackStart = parent->StackStart;
        child->ArgStart = parent->ArgStart;
        child->ArgEnd = parent->ArgEnd;
        child->EnvStart = parent->EnvStart;
        child->EnvEnd = parent->EnvEnd;
        child->CodeStart = parent->CodeStart;
        child->CodeEnd = parent->CodeEnd;
        child->DataStart = parent->DataStart;
        child->DataEnd = parent->DataEnd;
        child->VdsoBase = parent->VdsoBase;
        child->Aux = parent->Aux;
        child->Membarriers = parent->Membarriers;
        child->NotDumpable = parent->NotDumpable;
        SetExecutable(child, parent->Executable);
        bool ok = true;
        Vma** link = FirstLink(child);
        for (Vma* v = parent->First; v != null && ok; v = v->Next)
        {
            Vma* n = Heap.New<Vma>();
            ok = n != null;
            if (!ok) break;
            *n = *v;
            n->Next = null;
            if (n->Inode != null) Inode.Get(n->Inode);
            if (n->Dentry != null) Dentry.Get(n->Dentry);
            *link = n;
            link = &n->Next;
            child->MappedPages += (long)((v->End - v->Start) >> 12);
            if (v->Kind != VmaKind.Special) ok = CopyEntries(parent, child, v);
        }
        TlbShootdown.Flush(parent, 0, KernelMap.UserEnd);
        parent->Lock.Release();
        if (ok) return child;
        Put(child);
        return null;
    }

    private static bool CopyEntries(AddressSpace* parent, AddressSpace* child, Vma* v)
    {
        for (ulong a = v->Start; a < v->End; a += 4096)
        {
            ulong* e = NextEntry(parent, ref a, v->End);
            if (e == null) return true;
            if (!Pte.Holds(*e)) continue;
            if (!v->Shared) *e &= ~Pte.Write;
            ulong* c = PageTable.Entry(child->Root, a, true);
            if (c == null) return false;
            if ((*e & Pte.Special) == 0)
            {
                Pages.Get(*e & Pte.AddressMask);
                child->CountResident(1);
            }
            *c = *e;
        }
        return true;
    }
}
