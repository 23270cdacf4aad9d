namespace CoSim.Os;

/// <summary>
/// Content of regular files, by page. Files of the initramfs have their bytes there until somebody maps or writes a page;
/// the first use copies just that page.
/// </summary>
public static unsafe class PageCache
{
    /// <summary>
    /// The page at an index, with a reference; 0 if it lies beyond the end of the file (unless <paramref name="beyond"/>) or memory is out.
    /// </summary>
    public static ulong Get(Inode* inode, ulong index, bool beyond, out bool outOfMemory)
    {
        outOfMemory = false;
        inode->Lock.Acquire();
        ulong page = 0;
        if (beyond || index << 12 < inode->Size)
        {
            page = GetLocked(inode, index);
            if (page != 0) Pages.Get(page);
            else outOfMemory = true;
        }
        inode->Lock.Release();
        return page;
    }

    private static ulong GetLocked(Inode* inode, ulong index)
    {
        if (index >= inode->PageCapacity && !Grow(inode, index + 1)) return 0;
        if (inode->PageArray[index] != 0) return inode->PageArray[index];
        ulong page = PageAllocator.Allocate(0);
        if (page == 0) return 0;
        byte* p = (byte*)DirectMap.Pointer(page);
        ulong have = 0, at = index << 12;
        if (inode->Data != null && at < inode->Size) have = Bits.Min(4096, inode->Size - at);
        Text.Copy(p, inode->Data + at, have);
        Text.Fill(p + have, 0, 4096 - have);
        return inode->PageArray[index] = page;
    }

    private static bool Grow(Inode* inode, ulong pages)
    {
        ulong capacity = Bits.Max(pages, inode->PageCapacity * 2);
        capacity = Bits.Max(capacity, Bits.Min((inode->Size + 4095) >> 12, 1 << 18));
        ulong* array = (ulong*)Heap.Allocate(capacity * 8);
        if (array == null) return false;
        Text.Copy(array, inode->PageArray, inode->PageCapacity * 8);
        Heap.Free(inode->PageArray);
        inode->PageArray = array;
        inode->PageCapacity = capacity;
        return true;
    }

    /// <summary>Copies up to <paramref name="count"/> bytes at an offset to kernel memory. Returns the number, 0 at the end of the file.</summary>
    public static long ReadKernel(Inode* inode, byte* to, ulong count, ulong offset)
    {
        if (offset >= inode->Size) return 0;
        count = Bits.Min(count, inode->Size - offset);
        for (ulong done = 0; done < count;)
        {
            ulong chunk = Bits.Min(count - done, 4096 - ((offset + done) & 4095));
            inode->Lock.Acquire();
            byte* p = Peek(inode, offset + done);
            if (p != null) Text.Copy(to + done, p, chunk);
            else Text.Fill(to + done, 0, chunk);
            inode->Lock.Release();
            done += chunk;
        }
        return (long)count;
    }

    /// <summary>Reads to user memory. Bytes read, or -EFAULT.</summary>
    public static long Read(Inode* inode, ulong user, ulong count, ulong offset)
    {
        if (offset >= inode->Size) return 0;
        count = Bits.Min(count, inode->Size - offset);
        for (ulong done = 0; done < count;)
        {
            ulong at = offset + done, chunk = Bits.Min(count - done, 4096 - (at & 4095));
            int r;
            if (inode->Data != null && (at >> 12 >= inode->PageCapacity || inode->PageArray[at >> 12] == 0))
                r = UserMemory.CopyTo(user + done, inode->Data + at, chunk); // the initramfs never goes away
            else
            {
                ulong page = Get(inode, at >> 12, false, out _);
                if (page == 0) return done == 0 ? -Errno.ENOMEM : (long)done;
                r = UserMemory.CopyTo(user + done, (byte*)DirectMap.Pointer(page) + (at & 4095), chunk);
                Pages.Put(page);
            }
            if (r != 0) return done == 0 ? r : (long)done;
            done += chunk;
        }
        return (long)count;
    }

    /// <summary>Writes from user memory, growing the file. Bytes written, or -errno.</summary>
    public static long Write(Inode* inode, ulong user, ulong count, ulong offset)
    {
        for (ulong done = 0; done < count;)
        {
            ulong at = offset + done, chunk = Bits.Min(count - done, 4096 - (at & 4095));
            ulong page = Get(inode, at >> 12, true, out _);
            if (page == 0) return done == 0 ? -Errno.ENOSPC : (long)done;
            int r = UserMemory.CopyFrom((byte*)DirectMap.Pointer(page) + (at & 4095), user + done, chunk);
            Pages.Put(page);
            if (r != 0) return done == 0 ? r : (long)done;
            done += chunk;
            if (offset + done > inode->Size) Extend(inode, offset + done);
        }
        inode->ModifiedNs = inode->ChangedNs = Time.RealtimeNs();
        return (long)count;
    }

    private static void Extend(Inode* inode, ulong size)
    {
        inode->Lock.Acquire();
        if (inode->Data != null)
        {
            // What follows the old end in the initramfs is not this file's.
            for (ulong i = 0; i << 12 < inode->Size; i++) GetLocked(inode, i);
            inode->Data = null;
        }
        if (size > inode->Size) inode->Size = size;
        inode->Lock.Release();
    }

    /// <summary>Sets the size; pages beyond are dropped, the rest of the last page is cleared.</summary>
    public static void Truncate(Inode* inode, ulong size)
    {
        if (inode->Type == FileMode.Link) return;
        if (size > inode->Size)
        {
            Extend(inode, size);
            return;
        }
        inode->Lock.Acquire();
        ulong keep = (size + 4095) >> 12;
        for (ulong i = keep; i < inode->PageCapacity; i++)
        {
            if (inode->PageArray[i] != 0) Pages.Put(inode->PageArray[i]);
            inode->PageArray[i] = 0;
        }
        if ((size & 4095) != 0 && keep - 1 < inode->PageCapacity && inode->PageArray[keep - 1] != 0)
            Text.Fill((byte*)DirectMap.Pointer(inode->PageArray[keep - 1]) + (size & 4095), 0, 4096 - (size & 4095));
        inode->Size = size;
        if (size == 0) inode->Data = null;
        inode->Lock.Release();
    }

    private static byte* Peek(Inode* inode, ulong at)
    {
        ulong index = at >> 12;
        if (index < inode->PageCapacity && inode->PageArray[index] != 0) return (byte*)DirectMap.Pointer(inode->PageArray[index]) + (at & 4095);
        return inode->Data == null ? null : inode->Data + at;
    }
}
