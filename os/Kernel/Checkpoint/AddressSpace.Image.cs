namespace CoSim.Os;

/// <summary>What images need of an address space.</summary>
public unsafe partial struct AddressSpace
{
    /// <summary>
    /// Physical address of the next page at or after <paramref name="address"/> (which moves there) that belongs to the private mapping
    /// alone and has been written to; 0 when there is none. Pages of zeros and unchanged pages of files come back by themselves.
    /// </summary>
    internal static ulong PrivatePage(AddressSpace* mm, Vma* v, ref ulong address)
    {
        for (; address < v->End; address += KernelMap.PageSize)
        {
            ulong* e = NextEntry(mm, ref address, v->End);
            if (e == null) return 0;
            if (!Pte.Holds(*e) || (*e & Pte.Special) != 0) continue;
            ulong page = *e & Pte.AddressMask;
            ulong index = (v->FileOffset + (address - v->Start)) >> 12;
            bool files = v->Inode != null && index < v->Inode->PageCapacity && v->Inode->PageArray[index] == page;
            if (!files) return page;
        }
        return 0;
    }

    /// <summary>Gives a private mapping a page with these 4096 bytes, writable when the mapping is at the first write.</summary>
    /// <returns>0, -EINVAL for an address in no private mapping or with a page already, or -ENOMEM.</returns>
    internal static int FillPage(AddressSpace* mm, ulong address, byte* bytes)
    {
        Vma* v = Find(mm, address);
        if (v == null || v->Kind == VmaKind.Special || v->Shared || (address & KernelMap.PageSize - 1) != 0) return -Errno.EINVAL;
        ulong* e = PageTable.Entry(mm->Root, address, true);
        if (e == null) return -Errno.ENOMEM;
        if (Pte.Holds(*e)) return -Errno.EINVAL;
        ulong page = PageAllocator.Allocate(0);
        if (page == 0) return -Errno.ENOMEM;
        Text.Copy(DirectMap.Pointer(page), bytes, KernelMap.PageSize);
        ulong rights = Rights(v, false);
        if (v->Prot == 0) rights = rights & ~Pte.Present | Pte.Hidden;
        *e = page | rights;
        mm->CountResident(1);
        return 0;
    }
}
