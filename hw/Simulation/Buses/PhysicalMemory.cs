using System.Buffers;
using System.Runtime.InteropServices;

namespace CoSim.Hw.Simulation;

/// <summary>
/// The machine's RAM and ROM at their physical addresses, as host memory that engines may address by pointer, with flags
/// for each 4 KiB page. Values are always here; caches model tags and time only.
/// </summary>
public sealed unsafe class PhysicalMemory : IStateful, IDisposable
{
    public const int PageShift = 12;
    public const int PageSize = 1 << PageShift;

    /// <summary>RAM of so many bytes belongs to a machine that boots a kernel, which touches all of it; less is for pieces of code.</summary>
    private const ulong LargePagesFrom = 64 << 20;

    private readonly List<Range> _ranges = [];
    private readonly List<nint> _allocations = [];
    private readonly List<MemoryHandle> _pins = [];
    private Range? _last;

    public string StateName => "memory";

    /// <summary>Calls back before a page with decoded code (<see cref="PageFlags.Code"/>) changes by other means than a core's own store path.</summary>
    public event Action<ulong>? CodePageWritten;

    /// <summary>Adds zeroed RAM. Start and length are multiples of 4 KiB.</summary>
    public void AddRam(ulong start, ulong length) => Add(start, length, writable: true, shared: null);

    /// <summary>
    /// Adds ROM with the given contents: reads and instruction fetches see it, writes are lost. Contents of whole pages are not copied
    /// (a flash with an uncompressed kernel is 128 MiB): they stay pinned for the memory's life and must not change.
    /// </summary>
    public void AddRom(ulong start, ReadOnlyMemory<byte> contents)
    {
        if (contents.Length % PageSize == 0)
        {
            MemoryHandle pin = contents.Pin();
            _pins.Add(pin);
            Add(start, (ulong)contents.Length, writable: false, shared: (byte*)pin.Pointer);
            return;
        }

        Range range = Add(start, ((ulong)contents.Length + PageSize - 1) & ~(ulong)(PageSize - 1), writable: false, shared: null);
        contents.Span.CopyTo(new Span<byte>(range.Host, contents.Length));
    }

    /// <summary>Shows part of a ROM that was added before at another address too.</summary>
    public void AddRomAlias(ulong start, ulong length, ulong original)
    {
        Range source = Find(original, 1) ?? throw new ArgumentException($"no memory at {original:X}h");
        Add(start, length, writable: false, shared: source.Host + (original - source.Start));
    }

    /// <summary>The host address of a guest page's byte, or null where there is no RAM or ROM.</summary>
    /// <param name="address">A physical address.</param>
    /// <param name="writable">Whether stores reach it.</param>
    public byte* PointerTo(ulong address, out bool writable)
    {
        if (Find(address, 1) is { } range)
        {
            writable = range.Writable;
            return range.Host + (address - range.Start);
        }

        writable = false;
        return null;
    }

    /// <summary>The flags of the page at a physical address, or null where there is no RAM or ROM. One byte a page, stable for the machine's life.</summary>
    public byte* FlagsOf(ulong address) =>
        Find(address, 1) is { } range ? range.Flags + ((address - range.Start) >> PageShift) : null;

    /// <summary>True when the whole range is RAM or ROM and contiguous in host memory.</summary>
    public bool IsMemory(ulong address, int length) => Find(address, length) is not null;

    /// <summary>Copies out of RAM or ROM.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Part of the range is not memory.</exception>
    public void Read(ulong address, Span<byte> destination)
    {
        Range range = Find(address, destination.Length) ?? throw new ArgumentOutOfRangeException(nameof(address), $"{address:X}h is not memory");
        new ReadOnlySpan<byte>(range.Host + (address - range.Start), destination.Length).CopyTo(destination);
    }

    /// <summary>Copies into RAM on behalf of a device or a loader, and drops decoded code there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Part of the range is not RAM.</exception>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        Range? range = Find(address, source.Length);
        if (range is null || !range.Writable)
        {
            throw new ArgumentOutOfRangeException(nameof(address), $"{address:X}h is not RAM");
        }

        source.CopyTo(new Span<byte>(range.Host + (address - range.Start), source.Length));
        for (ulong page = address >> PageShift; page <= (address + (ulong)source.Length - 1) >> PageShift && source.Length > 0; page++)
        {
            if ((range.Flags[page - (range.Start >> PageShift)] & PageFlags.Code) != 0)
            {
                CodePageWritten?.Invoke(page << PageShift);
            }
        }
    }

    /// <summary>Every range in ascending order: start, length, whether it is RAM.</summary>
    public IEnumerable<(ulong Start, ulong Length, bool Ram)> Ranges => _ranges.Select(r => (r.Start, r.Length, r.Writable));

    public void Save(StateWriter writer)
    {
        foreach (Range range in _ranges.Where(r => r.Writable))
        {
            for (ulong offset = 0; offset < range.Length; offset += PageSize)
            {
                ReadOnlySpan<byte> page = new(range.Host + offset, PageSize);
                if (page.ContainsAnyExcept((byte)0))
                {
                    writer.UInt64(range.Start + offset);
                    writer.Bytes(page);
                }
            }
        }

        writer.UInt64(ulong.MaxValue);
    }

    /// <summary>Zeroes all RAM, as after power-on, and drops decoded code there.</summary>
    public void ClearRam()
    {
        foreach (Range range in _ranges.Where(r => r.Writable))
        {
            for (ulong page = 0; page < range.Length >> PageShift; page++)
            {
                if ((range.Flags[page] & PageFlags.Code) != 0)
                {
                    CodePageWritten?.Invoke(range.Start + (page << PageShift));
                }
            }

            // Pages that are zero already stay untouched, so that the host never has to back them.
            for (ulong offset = 0; offset < range.Length; offset += PageSize)
            {
                Span<byte> page = new(range.Host + offset, PageSize);
                if (page.ContainsAnyExcept((byte)0))
                {
                    page.Clear();
                }
            }

            new Span<byte>(range.Flags, (int)(range.Length >> PageShift)).Clear();
        }
    }

    public void Restore(StateReader reader)
    {
        ClearRam();

        for (ulong address = reader.UInt64(); address != ulong.MaxValue; address = reader.UInt64())
        {
            Range? range = Find(address, PageSize);
            if (range is null || !range.Writable || (address & (PageSize - 1)) != 0)
            {
                throw reader.Wrong($"{address:X}h is not a page of this machine's RAM");
            }

            reader.Bytes(PageSize).CopyTo(new Span<byte>(range.Host + (address - range.Start), PageSize));
        }
    }

    public void Dispose()
    {
        foreach (nint allocation in _allocations)
        {
            NativeMemory.Free((void*)allocation);
        }

        foreach (MemoryHandle pin in _pins)
        {
            pin.Dispose();
        }

        _pins.Clear();
        _allocations.Clear();
        _ranges.Clear();
        _last = null;
        GC.SuppressFinalize(this);
    }

    ~PhysicalMemory() => Dispose();

    private Range Add(ulong start, ulong length, bool writable, byte* shared)
    {
        if (length == 0 || ((start | length) & (PageSize - 1)) != 0 || _ranges.Any(r => start < r.Start + r.Length && r.Start < start + length))
        {
            throw new ArgumentException($"memory at {start:X}h, length {length:X}h, is empty, unaligned or overlaps other memory");
        }

        // calloc leaves untouched pages to the host's zero page: a large guest costs what it uses.
        byte* host = shared;
        if (host == null)
        {
            byte* raw = (byte*)NativeMemory.AllocZeroed((nuint)length + PageSize);
            _allocations.Add((nint)raw);
            host = (byte*)(((nuint)raw + PageSize - 1) & ~(nuint)(PageSize - 1));
            if (length >= LargePagesFrom)
            {
                LargePages.Prefer(host, length);
            }
        }

        byte* flags = (byte*)NativeMemory.AllocZeroed((nuint)(length >> PageShift));
        _allocations.Add((nint)flags);
        Range range = new(start, length, writable, host, flags);
        _ranges.Add(range);
        _ranges.Sort((a, b) => a.Start.CompareTo(b.Start));
        return range;
    }

    private Range? Find(ulong address, int length)
    {
        // Nearly all accesses go to the range of the one before: a page walk alone makes four.
        if (_last is { } last && address - last.Start < last.Length && last.Length - (address - last.Start) >= (ulong)length)
        {
            return last;
        }

        foreach (Range range in _ranges)
        {
            if (address - range.Start < range.Length && range.Length - (address - range.Start) >= (ulong)length)
            {
                _last = range;
                return range;
            }
        }

        return null;
    }

    private sealed class Range(ulong start, ulong length, bool writable, byte* host, byte* flags)
    {
        public ulong Start { get; } = start;

        public ulong Length { get; } = length;

        public bool Writable { get; } = writable;

        public byte* Host { get; } = host;

        public byte* Flags { get; } = flags;
    }
}

/// <summary>Bits of a page's flag byte.</summary>
public static class PageFlags
{
    /// <summary>An engine holds decoded code of this page: a store to it must invalidate that.</summary>
    public const byte Code = 1;

    /// <summary>A core monitors a line of this page (MONITOR, MONITORX): a store to it may wake that core.</summary>
    public const byte Monitored = 2;
}
