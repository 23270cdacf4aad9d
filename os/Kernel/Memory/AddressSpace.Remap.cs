namespace CoSim.Os;

/// <summary>Growing, shrinking and moving a mapping (mremap).</summary>
public unsafe partial struct AddressSpace
{
    /// <summary>Resizes; the lock is held. The new address or -errno.</summary>
    public static long Remap(AddressSpace* mm, ulong old, ulong oldLength, ulong newLength, bool mayMove)
    {
        Vma* v = Find(mm, old);
        if (v == null || oldLength > v->End - old || v->Kind == VmaKind.Special) return -Errno.EFAULT;
        if (newLength <= oldLength)
        {
            int r = newLength == oldLength ? 0 : Unmap(mm, old + newLength, old + oldLength);
            return r != 0 ? r : (long)old;
        }
        if (v->End == old + oldLength && old + newLength <= KernelMap.UserEnd && IsFree(mm, v->End, old + newLength))
        {
            mm->MappedPages += (long)((old + newLength - v->End) >> 12);
            v->End = old + newLength;
            return (long)old;
        }
        return mayMove ? Move(mm, v, old, oldLength, newLength) : -Errno.ENOMEM;
    }

    private static long Move(AddressSpace* mm, Vma* v, ulong old, ulong oldLength, ulong newLength)
    {
        ulong to = FindFree(mm, newLength);
        if (to == 0) return -Errno.ENOMEM;
        Vma model = *v;
        model.Next = null;
        model.Start = to;
        model.End = to + newLength;
        model.GrowsDown = false;
        model.FileOffset = v->FileOffset + (old - v->Start);
        if (Insert(mm, &model) == null) return -Errno.ENOMEM;
        for (ulong a = old; a < old + oldLength; a += 4096)
        {
            ulong* e = NextEntry(mm, ref a, old + oldLength);
            if (e == null) break;
            if (!Pte.Holds(*e)) continue;
            ulong* target = PageTable.Entry(mm->Root, to + (a - old), true);
            if (target == null) return -Errno.ENOMEM;
            *target = *e;
            *e = 0;
        }
        TlbShootdown.Flush(mm, old, old + oldLength);
        int r = Unmap(mm, old, old + oldLength);
        return r != 0 ? r : (long)to;
    }
}
