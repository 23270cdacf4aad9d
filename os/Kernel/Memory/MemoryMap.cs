using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>A range of physical addresses, end exclusive.</summary>
public struct PhysicalRange
{
    public ulong Start, End;
}

/// <summary>Usable RAM as the boot protocol reports it, minus what the kernel, the initramfs and the boot data occupy.</summary>
public static unsafe class MemoryMap
{
    private const int MaxRanges = 64;

    [InlineArray(MaxRanges)]
    private struct Ranges { private PhysicalRange _first; }

    private static Ranges s_ranges;

    public static int Count;

    /// <summary>RAM of all ranges as reported (before reservations), in bytes; /proc/meminfo's MemTotal.</summary>
    public static ulong TotalBytes;

    /// <summary>One above the highest RAM address.</summary>
    public static ulong HighestAddress;

    /// <summary>Range <paramref name="i"/>, in ascending order of address.</summary>
    public static PhysicalRange* At(int i) => (PhysicalRange*)Text.Address(ref s_ranges) + i;

    /// <summary>Adds a RAM range; ranges are kept sorted. Ranges beyond the table's size are dropped and logged.</summary>
    public static void Add(ulong start, ulong end)
    {
        start = Bits.AlignUp(start, KernelMap.PageSize);
        end = Bits.AlignDown(end, KernelMap.PageSize);
        if (start >= end) return;
        TotalBytes += end - start;
        if (end > HighestAddress) HighestAddress = end;
        Insert(start, end);
    }

    /// <summary>Takes a range out.</summary>
    public static void Reserve(ulong start, ulong end)
    {
        start = Bits.AlignDown(start, KernelMap.PageSize);
        end = Bits.AlignUp(end, KernelMap.PageSize);
        for (int i = 0; i < Count; i++)
        {
            PhysicalRange* r = At(i);
            if (end <= r->Start || start >= r->End) continue;
            ulong tailStart = end, tailEnd = r->End;
            bool head = r->Start < start;
            if (head) r->End = start;
            else Remove(i--);
            if (tailStart < tailEnd) Insert(tailStart, tailEnd);
        }
    }

    /// <summary>Takes <paramref name="bytes"/> from the first range at or above <paramref name="lowest"/> that has room. Returns 0 if none has.</summary>
    public static ulong TakeEarly(ulong bytes, ulong alignment, ulong lowest)
    {
        for (int i = 0; i < Count; i++)
        {
            ulong start = Bits.AlignUp(Bits.Max(At(i)->Start, lowest), alignment);
            if (start < At(i)->Start || start + bytes > At(i)->End) continue;
            Reserve(start, start + bytes);
            return start;
        }
        return 0;
    }

    private static void Insert(ulong start, ulong end)
    {
        if (Count == MaxRanges)
        {
            Log.Print("memory map: too many ranges, dropped [mem %llx-%llx]"u8, start, end - 1);
            return;
        }
        int at = Count++;
        for (; at > 0 && At(at - 1)->Start > start; at--) *At(at) = *At(at - 1);
        At(at)->Start = start;
        At(at)->End = end;
    }

    private static void Remove(int index)
    {
        Count--;
        for (int i = index; i < Count; i++) *At(i) = *At(i + 1);
    }
}
