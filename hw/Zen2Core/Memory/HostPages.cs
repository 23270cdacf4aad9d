using System.Runtime.CompilerServices;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>Where physical pages are in host memory: a direct-mapped cache of what <see cref="PhysicalMemory"/> answers, less the SMRAM that the core does not see.</summary>
internal sealed unsafe class HostPages
{
    private const int Entries = 1024;

    private readonly CoreContext _core;
    private readonly PhysicalMemory _memory;
    private readonly Entry[] _entries = NewEntries();

    public HostPages(CoreContext core)
    {
        _core = core;
        _memory = core.Memory;
        core.MemoryViewChanged += () => Array.Fill(_entries, new Entry { Page = ulong.MaxValue });
    }

    /// <summary>The host address of a physical byte; null where there is neither RAM nor ROM.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* PointerTo(ulong physical, out bool writable)
    {
        ulong page = physical >> PhysicalMemory.PageShift;
        ref Entry entry = ref _entries[page % Entries];
        if (entry.Page != page)
        {
            Fill(ref entry, page);
        }

        writable = entry.Writable;
        return entry.Host == null ? null : entry.Host + (physical & (PhysicalMemory.PageSize - 1));
    }

    /// <summary>The page's flags (<see cref="PageFlags"/>); 0 where there is no memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Flags(ulong physical)
    {
        ulong page = physical >> PhysicalMemory.PageShift;
        ref Entry entry = ref _entries[page % Entries];
        if (entry.Page != page)
        {
            Fill(ref entry, page);
        }

        return entry.Flags == null ? (byte)0 : *entry.Flags;
    }

    private static Entry[] NewEntries()
    {
        Entry[] entries = new Entry[Entries];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i].Page = ulong.MaxValue;
        }

        return entries;
    }

    private void Fill(ref Entry entry, ulong page)
    {
        entry.Page = page;
        ulong physical = page << PhysicalMemory.PageShift;
        bool hidden = _core.Hides(physical);
        entry.Host = _memory.PointerTo(physical, out entry.Writable);
        entry.Host = hidden ? null : entry.Host;
        entry.Flags = hidden ? null : _memory.FlagsOf(physical);
    }

    private struct Entry
    {
        public ulong Page;
        public byte* Host;
        public byte* Flags;
        public bool Writable;
    }
}
