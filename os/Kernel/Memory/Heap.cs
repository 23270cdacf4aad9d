using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>Memory for kernel objects: size classes of 16 bytes to 2 KiB in slabs of one page, larger sizes in whole pages. Always zeroed.</summary>
public static unsafe class Heap
{
    private const int Classes = 12;

    [InlineArray(Classes)]
    private struct FreeLists { private ulong _first; }

    private static FreeLists s_free;
    private static SpinLock s_lock;

    private static ulong SizeOf(int c) => c switch
    {
        0 => 16,
        1 => 32,
        2 => 64,
        3 => 96,
        4 => 128,
        5 => 192,
        6 => 256,
        7 => 384,
        8 => 512,
        9 => 800,
        10 => 1360,
        _ => 2048,
    };

    /// <summary>Zeroed memory aligned to 16 bytes (to its size from 4 KiB on), or null.</summary>
    public static void* Allocate(ulong bytes)
    {
        if (bytes > 2048) return AllocatePages(bytes);
        int c = 0;
        while (SizeOf(c) < bytes) c++;
        ulong size = SizeOf(c);
        ulong flags = s_lock.AcquireIrqSave();
        void** heads = (void**)Text.Address(ref s_free);
        if (heads[c] == null && !Refill(heads, c, size))
        {
            s_lock.ReleaseIrqRestore(flags);
            return null;
        }
        void* p = heads[c];
        heads[c] = *(void**)p;
        s_lock.ReleaseIrqRestore(flags);
        Text.Fill(p, 0, size);
        return p;
    }

    /// <summary>A zeroed <typeparamref name="T"/>, or null.</summary>
    public static T* New<T>() where T : unmanaged => (T*)Allocate((ulong)sizeof(T));

    /// <summary>Frees what <see cref="Allocate"/> returned; null is allowed.</summary>
    public static void Free(void* p)
    {
        if (p == null) return;
        ulong physical = DirectMap.Physical(p);
        PageInfo* info = PageAllocator.Info(physical);
        if (info->HeapClass == 0)
        {
            PageAllocator.Free(physical, info->Order);
            return;
        }
        ulong flags = s_lock.AcquireIrqSave();
        void** heads = (void**)Text.Address(ref s_free);
        int c = info->HeapClass - 1;
        *(void**)p = heads[c];
        heads[c] = p;
        s_lock.ReleaseIrqRestore(flags);
    }

    private static void* AllocatePages(ulong bytes)
    {
        int order = 0;
        while (KernelMap.PageSize << order < bytes) order++;
        if (order > PageAllocator.MaxOrder) return null;
        ulong physical = PageAllocator.Allocate(order);
        if (physical == 0) return null;
        void* p = DirectMap.Pointer(physical);
        Text.Fill(p, 0, KernelMap.PageSize << order);
        return p;
    }

    private static bool Refill(void** heads, int c, ulong size)
    {
        ulong physical = PageAllocator.Allocate(0);
        if (physical == 0) return false;
        PageAllocator.Info(physical)->HeapClass = (byte)(c + 1);
        byte* page = (byte*)DirectMap.Pointer(physical);
        for (ulong at = 0; at + size <= KernelMap.PageSize; at += size)
        {
            *(void**)(page + at) = heads[c];
            heads[c] = page + at;
        }
        return true;
    }
}
