using System.Runtime.InteropServices;

namespace CoSim.Os.Tests;

/// <summary>The allocator over real memory with holes: everything is handed out once, nothing outside, and all of it comes back.</summary>
[TestFixture, NonParallelizable]
public sealed unsafe class PageAllocatorTests
{
    private const ulong Size = 64UL << 20;
    private static readonly (ulong Start, ulong End)[] Ram = [(0x100_000, 0x1f3_000), (0x200_000, 0x5ff_000), (0x812_000, 0x2_345_000), (0x2_400_000, Size)];

    [Test]
    public void RandomUseNeverOverlapsAndReturnsEverything()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        DirectMap.Memory = (byte*)NativeMemory.AlignedAlloc((nuint)Size, 4096);
        foreach ((ulong start, ulong end) in Ram) MemoryMap.Add(start, end);
        MemoryMap.Reserve(0x300_000, 0x301_000);
        ulong frames = (Size >> 12) + (1 << PageAllocator.MaxOrder);
        void* info = NativeMemory.AlignedAlloc((nuint)(frames * (ulong)sizeof(PageInfo)), 16);
        NativeMemory.Fill(info, (nuint)(frames * (ulong)sizeof(PageInfo)), 0xA5); // nothing may depend on zeros
        PageAllocator.Initialize((PageInfo*)info, frames);

        ulong expected = Ram.Aggregate(0UL, (sum, r) => sum + (r.End - r.Start)) / 4096 - 1;
        Assert.That(PageAllocator.ManagedPages, Is.EqualTo(expected));

        bool[] used = new bool[Size >> 12];
        List<(ulong Address, int Order)> held = [];
        for (int i = 0; i < 20_000; i++)
        {
            if (held.Count > 0 && random.Next(100) < 48)
            {
                int pick = random.Next(held.Count);
                Release(held, pick, used);
                continue;
            }
            int order = random.Next(100) < 70 ? 0 : random.Next(PageAllocator.MaxOrder + 1);
            ulong address = PageAllocator.Allocate(order);
            if (address == 0) continue;
            Take(address, order, used);
            held.Add((address, order));
        }
        while (held.Count > 0) Release(held, held.Count - 1, used);
        Assert.That(PageAllocator.AllocatedPages, Is.Zero);

        // Every page can be had again, one by one; then there are no more.
        ulong count = 0;
        for (ulong a = PageAllocator.Allocate(0); a != 0; a = PageAllocator.Allocate(0))
        {
            Take(a, 0, used);
            held.Add((a, 0));
            count++;
        }
        Assert.That(count, Is.EqualTo(expected));
        while (held.Count > 0) Release(held, held.Count - 1, used);

        // Buddies have merged back: the largest blocks exist again.
        ulong large = PageAllocator.Allocate(PageAllocator.MaxOrder);
        Assert.That(large, Is.Not.Zero);
        Assert.That(large % (4096UL << PageAllocator.MaxOrder), Is.Zero);
        PageAllocator.Free(large, PageAllocator.MaxOrder);
        HeapObjectsAreZeroedAndDistinct(random);
    }

    // One process has one allocator, so that the heap on top of it is tested here.
    private static void HeapObjectsAreZeroedAndDistinct(Random random)
    {
        Dictionary<nint, (int Size, byte Mark)> live = [];
        for (int i = 0; i < 30_000; i++)
        {
            if (live.Count > 0 && random.Next(2) == 0)
            {
                (nint key, (int size, byte mark)) = live.ElementAt(random.Next(Math.Min(live.Count, 16)));
                byte* p = (byte*)key;
                for (int k = 0; k < size; k++) Assert.That(p[k], Is.EqualTo(mark), $"size {size}");
                live.Remove(key);
                Heap.Free(p);
                continue;
            }
            int wanted = random.Next(20) == 0 ? random.Next(1, 20_000) : random.Next(1, 2048);
            byte* block = (byte*)Heap.Allocate((ulong)wanted);
            Assert.That((nint)block, Is.Not.Zero);
            Assert.That((ulong)block % 16, Is.Zero);
            for (int k = 0; k < wanted; k++) Assert.That(block[k], Is.Zero);
            byte fill = (byte)random.Next(1, 256);
            NativeMemory.Fill(block, (nuint)wanted, fill);
            Assert.That(live.TryAdd((nint)block, (wanted, fill)));
        }
    }

    private static void Take(ulong address, int order, bool[] used)
    {
        ulong bytes = 4096UL << order;
        Assert.That(address % bytes, Is.Zero);
        Assert.That(Ram.Any(r => address >= r.Start && address + bytes <= r.End), $"{address:x} order {order} is not RAM");
        for (ulong f = address >> 12; f < (address + bytes) >> 12; f++)
        {
            Assert.That(used[f], Is.False, $"frame {f:x} twice");
            Assert.That(f, Is.Not.EqualTo(0x300UL), "reserved");
            used[f] = true;
        }
    }

    private static void Release(List<(ulong Address, int Order)> held, int index, bool[] used)
    {
        (ulong address, int order) = held[index];
        held[index] = held[^1];
        held.RemoveAt(held.Count - 1);
        for (ulong f = address >> 12; f < (address >> 12) + (1UL << order); f++) used[f] = false;
        PageAllocator.Free(address, order);
    }
}
