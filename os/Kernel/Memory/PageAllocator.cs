using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>What the allocator knows of one page frame.</summary>
public struct PageInfo
{
    /// <summary>References of a single page that is mapped or cached.</summary>
    public int Refs;
    public byte Order;
    public byte State;              // 0 reserved or allocated, 1 head of a free block

    /// <summary>Size class + 1 of a heap page, 0 otherwise.</summary>
    public byte HeapClass;
    public byte Unused;
}

/// <summary>
/// A buddy allocator of page frames, filled lazily: RAM above the frontier has never been touched, so that boot does not depend
/// on the size of memory. Frame descriptors are initialised 2 MiB at a time as the frontier advances.
/// </summary>
public static unsafe class PageAllocator
{
    /// <summary>Largest block: 2^9 pages = 2 MiB.</summary>
    public const int MaxOrder = 9;
    private const ulong BlockPages = 1UL << MaxOrder;

    private struct FreeBlock { public FreeBlock* Next, Previous; }

    [InlineArray(MaxOrder + 1)]
    private struct Heads { private ulong _first; }

    private static Heads s_free;
    private static PageInfo* s_info;
    private static ulong s_frames;
    private static int s_range;             // of MemoryMap, where the frontier is
    private static ulong s_frontier;        // physical
    private static ulong s_describedTo;     // frame number, multiple of BlockPages
    private static SpinLock s_lock;

    /// <summary>Pages handed out and not returned.</summary>
    public static ulong AllocatedPages;

    /// <summary>Pages in <see cref="MemoryMap"/> when the allocator started.</summary>
    public static ulong ManagedPages;

    /// <summary>Starts with the ranges of <see cref="MemoryMap"/>; <paramref name="info"/> is uninitialised room for that many descriptors.</summary>
    public static void Initialize(PageInfo* info, ulong frames)
    {
        s_info = info;
        s_frames = frames;
        for (int i = 0; i < MemoryMap.Count; i++) ManagedPages += (MemoryMap.At(i)->End - MemoryMap.At(i)->Start) / KernelMap.PageSize;
        s_range = 0;
        s_frontier = MemoryMap.At(0)->Start;
    }

    /// <summary>The descriptor of a frame that the allocator has handed out.</summary>
    public static PageInfo* Info(ulong physical) => s_info + (physical >> KernelMap.PageShift);

    /// <summary>Allocates 2^<paramref name="order"/> contiguous pages, aligned to their size, contents undefined. Returns 0 when there are none.</summary>
    public static ulong Allocate(int order)
    {
        ulong flags = s_lock.AcquireIrqSave();
        ulong physical = AllocateLocked(order);
        if (physical != 0)
        {
            AllocatedPages += 1UL << order;
            PageInfo* info = Info(physical);
            info->Refs = 1;
            info->Order = (byte)order;
            info->HeapClass = 0;
        }
        s_lock.ReleaseIrqRestore(flags);
        return physical;
    }

    /// <summary>One page of zeros, or 0.</summary>
    public static ulong AllocateZeroed()
    {
        ulong physical = Allocate(0);
        if (physical != 0) Text.Fill(DirectMap.Pointer(physical), 0, KernelMap.PageSize);
        return physical;
    }

    /// <summary>Returns a block to the allocator.</summary>
    public static void Free(ulong physical, int order)
    {
        ulong flags = s_lock.AcquireIrqSave();
        AllocatedPages -= 1UL << order;
        ulong frame = physical >> KernelMap.PageShift;
        while (order < MaxOrder)
        {
            ulong buddy = frame ^ 1UL << order;
            PageInfo* info = s_info + buddy;
            if (buddy >= s_describedTo || info->State != 1 || info->Order != order) break;
            Unlink(buddy, order);
            frame &= ~(1UL << order);
            order++;
        }
        Link(frame, order);
        s_lock.ReleaseIrqRestore(flags);
    }

    private static ulong AllocateLocked(int order)
    {
        FreeBlock** heads = (FreeBlock**)Text.Address(ref s_free);
        int have = order;
        while (have <= MaxOrder && heads[have] == null) have++;
        while (have > MaxOrder)
        {
            if (!Advance()) return 0;
            have = order;
            while (have <= MaxOrder && heads[have] == null) have++;
        }
        ulong frame = DirectMap.Physical(heads[have]) >> KernelMap.PageShift;
        Unlink(frame, have);
        while (have > order)
        {
            have--;
            Link(frame + (1UL << have), have);
        }
        return frame << KernelMap.PageShift;
    }

    /// <summary>Moves the frontier over the next block of untouched RAM and frees it.</summary>
    private static bool Advance()
    {
        while (s_range < MemoryMap.Count)
        {
            PhysicalRange* range = MemoryMap.At(s_range);
            if (s_frontier < range->Start) s_frontier = range->Start;
            if (s_frontier < range->End)
            {
                ulong frame = s_frontier >> KernelMap.PageShift, left = (range->End - s_frontier) >> KernelMap.PageShift;
                int order = MaxOrder;
                while ((frame & ((1UL << order) - 1)) != 0 || 1UL << order > left) order--;
                Describe(frame);
                Link(frame, order);
                s_frontier += KernelMap.PageSize << order;
                return true;
            }
            s_range++;
        }
        return false;
    }

    private static void Describe(ulong frame)
    {
        if (frame < s_describedTo) return;
        ulong block = frame & ~(BlockPages - 1);
        Text.Fill(s_info + block, 0, BlockPages * (ulong)sizeof(PageInfo));
        s_describedTo = block + BlockPages;
    }

    private static void Link(ulong frame, int order)
    {
        FreeBlock** heads = (FreeBlock**)Text.Address(ref s_free);
        FreeBlock* block = (FreeBlock*)DirectMap.Pointer(frame << KernelMap.PageShift);
        block->Previous = null;
        block->Next = heads[order];
        if (block->Next != null) block->Next->Previous = block;
        heads[order] = block;
        s_info[frame].State = 1;
        s_info[frame].Order = (byte)order;
    }

    private static void Unlink(ulong frame, int order)
    {
        FreeBlock** heads = (FreeBlock**)Text.Address(ref s_free);
        FreeBlock* block = (FreeBlock*)DirectMap.Pointer(frame << KernelMap.PageShift);
        if (block->Previous != null) block->Previous->Next = block->Next;
        else heads[order] = block->Next;
        if (block->Next != null) block->Next->Previous = block->Previous;
        s_info[frame].State = 0;
    }
}

/// <summary>Reference counts of single pages (mapped several times after fork, or cached by a file).</summary>
public static unsafe class Pages
{
    /// <summary>Takes a reference.</summary>
    public static void Get(ulong physical) => Atomic.FetchAdd32(Text.Address(ref PageAllocator.Info(physical)->Refs), 1);

    /// <summary>Drops a reference; the last frees the page.</summary>
    public static void Put(ulong physical)
    {
        if (Atomic.FetchAdd32(Text.Address(ref PageAllocator.Info(physical)->Refs), -1) == 1) PageAllocator.Free(physical, 0);
    }

    /// <summary>References now.</summary>
    public static int Count(ulong physical) => PageAllocator.Info(physical)->Refs;
}
