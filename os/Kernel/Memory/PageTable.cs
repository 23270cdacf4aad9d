using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Bits of a page table entry (AMD64 Architecture Programmer's Manual vol. 2, section 5.4).</summary>
public static class Pte
{
    public const ulong Present = 1, Write = 2, User = 4, WriteThrough = 8, CacheDisable = 16, Accessed = 32, Dirty = 64, Large = 128, Global = 256;

    /// <summary>Software bit: the page belongs to the kernel (vDSO, vvar, device) and is not reference counted.</summary>
    public const ulong Special = 1 << 9;

    /// <summary>Software bit of an entry that is not present: the page is there, but PROT_NONE hides it from the program and the kernel.</summary>
    public const ulong Hidden = 1 << 10;
    public const ulong NoExecute = 1UL << 63;
    public const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    /// <summary>Whether an entry holds a page, visible or not.</summary>
    public static bool Holds(ulong entry) => (entry & (Present | Hidden)) != 0;
}

/// <summary>Walks and edits 4-level page tables through the direct map.</summary>
public static unsafe class PageTable
{
    /// <summary>The table that the kernel itself built: every address space copies its upper half.</summary>
    public static ulong KernelRoot;

    /// <summary>
    /// The entry for a 4 KiB page, or null if a level is missing (and <paramref name="create"/> is false or memory is out).
    /// Must not be used on addresses that large pages map.
    /// </summary>
    public static ulong* Entry(ulong root, ulong address, bool create)
    {
        ulong* table = (ulong*)DirectMap.Pointer(root);
        for (int shift = 39; shift > 12; shift -= 9)
        {
            ulong* e = table + ((address >> shift) & 511);
            if ((*e & Pte.Present) == 0)
            {
                if (!create) return null;
                ulong page = PageAllocator.AllocateZeroed();
                if (page == 0) return null;
                // Rights are decided at the last level alone.
                *e = page | Pte.Present | Pte.Write | (address < KernelMap.UserEnd ? Pte.User : 0);
            }
            table = (ulong*)DirectMap.Pointer(*e & Pte.AddressMask);
        }
        return table + ((address >> 12) & 511);
    }

    /// <summary>Maps one kernel page. False when memory is out.</summary>
    public static bool MapKernel(ulong address, ulong physical, ulong bits)
    {
        ulong* e = Entry(KernelRoot, address, true);
        if (e == null) return false;
        *e = physical | bits | Pte.Present | Pte.Global;
        return true;
    }

    /// <summary>Frees the user half's tables (the pages that they map must be gone already) and the root.</summary>
    public static void FreeUser(ulong root)
    {
        ulong* top = (ulong*)DirectMap.Pointer(root);
        for (int i = 0; i < 256; i++)
            if ((top[i] & Pte.Present) != 0) FreeLevel(top[i] & Pte.AddressMask, 3);
        PageAllocator.Free(root, 0);
    }

    private static void FreeLevel(ulong table, int level)
    {
        if (level > 1)
        {
            ulong* t = (ulong*)DirectMap.Pointer(table);
            for (int i = 0; i < 512; i++)
                if ((t[i] & Pte.Present) != 0) FreeLevel(t[i] & Pte.AddressMask, level - 1);
        }
        PageAllocator.Free(table, 0);
    }
}

/// <summary>Device registers.</summary>
public static unsafe class Mmio
{
    private static ulong s_next = 0;

    /// <summary>Maps device registers uncached, read-write, for good. Null when memory is out. Call before user processes exist or from any task.</summary>
    public static byte* Map(ulong physical, ulong bytes)
    {
        ulong offset = physical & 4095;
        ulong pages = (offset + bytes + 4095) >> 12;
        ulong at = KernelMap.MmioBase + Atomic.FetchAdd64(Text.Address(ref s_next), pages << 12);
        for (ulong i = 0; i < pages; i++)
            if (!PageTable.MapKernel(at + (i << 12), (physical - offset) + (i << 12), Pte.Write | Pte.NoExecute | Pte.CacheDisable | Pte.WriteThrough)) return null;
        return (byte*)at + offset;
    }

    /// <summary>One 32-bit load.</summary>
    public static uint Read32(void* register) => (uint)Atomic.Load32((int*)register);

    /// <summary>One 32-bit store.</summary>
    public static void Write32(void* register, uint value) => Atomic.Store32((int*)register, (int)value);

    /// <summary>One 64-bit load.</summary>
    public static ulong Read64(void* register) => Atomic.Load64((ulong*)register);

    /// <summary>One 64-bit store.</summary>
    public static void Write64(void* register, ulong value) => Atomic.Store64((ulong*)register, value);
}
