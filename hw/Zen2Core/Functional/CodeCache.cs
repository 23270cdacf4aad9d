using System.Runtime.InteropServices;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>
/// Decoded blocks, shared by all cores of a machine and by both engines. A block starts at one instruction, lies in one page
/// (its last instruction may cross into the next) and extends over conditional branches. It is known by physical address,
/// instruction pointer and decode mode, so a change of mapping alone never makes it wrong.
/// </summary>
public sealed unsafe partial class CodeCache : IDisposable
{
    private readonly PhysicalMemory _memory;
    private readonly BlockDecoder _decoder;
    private readonly MicroOpArena _arena = new();
    private readonly BlockTable _blocks = new();
    private readonly Dictionary<ulong, List<Block>> _pages = [];
    private readonly List<CoreContext> _cores = [];

    /// <summary>Makes an empty cache over a machine's memory.</summary>
    public CodeCache(PhysicalMemory memory)
    {
        _memory = memory;
        _decoder = new BlockDecoder(_arena);
        memory.CodePageWritten += page => Invalidate(page, PhysicalMemory.PageSize);
    }

    /// <summary>
    /// Blocks decoded from now on compute flags that nothing reads too: for lock-step comparison and debugging, where the state
    /// is looked at after every instruction. Off by default.
    /// </summary>
    public bool KeepAllFlags
    {
        get => _decoder.KeepAllFlags;
        set => _decoder.KeepAllFlags = value;
    }

    /// <summary>
    /// Has boundaries marked in all code that is decoded from now on (<see cref="BoundaryWatch"/>), and all flags kept. Call before anything
    /// has run. Such code is not translated.
    /// </summary>
    public void MarkBoundaries()
    {
        if (_blocks.Count > 0)
            throw new InvalidOperationException("code has been decoded already");
        _decoder.MarkBoundaries = _decoder.KeepAllFlags = true;
    }

    /// <summary>Marks places in all code that is decoded from now on. Call before anything has run.</summary>
    /// <exception cref="InvalidOperationException">Code has been decoded already.</exception>
    public void MarkPlaces(PlaceWatch places)
    {
        if (_blocks.Count > 0)
            throw new InvalidOperationException("code has been decoded already");
        _decoder.Places = places;
    }

    /// <summary>Linear addresses before which every core stops (<see cref="CoreContext.StopsHere"/>); null for none.</summary>
    public IReadOnlySet<ulong>? Watched => _decoder.Watched;

    /// <summary>Bytes of decoded micro-ops that may be held, dead ones included, before <see cref="Trim"/> drops them. 1 GiB by default.</summary>
    public long LimitBytes { get; set; } = 1L << 30;

    /// <summary>Bytes of decoded micro-ops held, dead ones included.</summary>
    public long Bytes => _arena.Bytes;

    /// <summary>Calls back before all blocks are dropped: engines must let go of every <see cref="MicroOp"/> pointer.</summary>
    public event Action? Trimming;

    /// <summary>Cores that share the cache.</summary>
    public IReadOnlyList<CoreContext> Cores => _cores;

    /// <summary>
    /// The block that starts at the core's instruction pointer, decoded if need be. Null when a fault was recorded in the
    /// core's state: a fetch fault, or a code-segment limit.
    /// </summary>
    /// <param name="core">The core, whose mode and mapping decide.</param>
    /// <param name="rip">Instruction pointer.</param>
    public Block? Find(CoreContext core, ulong rip)
    {
        CpuState* s = core.State;
        if (!CodeAddress.Linear(s, rip, out ulong linear) || !core.Virtual.TranslateFetch(linear, out ulong physical))
            return null;
        BlockKey key = new(physical, rip, s->ModeKey);
        if (core.HidesMemory && core.Hides(physical))
            return _decoder.Undefined(key, linear);
        Block? known = _blocks.Find(in key);
        if (known is { Valid: true })
        {
            return known.SecondPage == Block.NoPage || SecondPage(core, linear, out ulong second) && second == known.SecondPage
                ? known
                : Decode(core, key, linear, known);
        }

        return Decode(core, key, linear, known);
    }

    /// <summary>Makes every core stop before the instructions at these linear addresses. Call only between engine runs.</summary>
    /// <param name="addresses">All of them; empty for none.</param>
    public void Watch(IReadOnlySet<ulong> addresses)
    {
        _decoder.Watched = addresses.Count == 0 ? null : addresses;
        foreach (Block block in _blocks.Values)
            Invalidate(block);
        foreach (CoreContext core in _cores)
        {
            core.State->Host.PendingLink = null;
            core.Virtual.Flush();
            core.WatchChanged();
        }
    }

    /// <summary>Invalidates the blocks that overlap a physical range. True when there were any.</summary>
    public bool Invalidate(ulong physical, int size)
    {
        bool any = false;
        ulong last = physical + (uint)size - 1;
        for (ulong page = physical >> PhysicalMemory.PageShift; page <= last >> PhysicalMemory.PageShift; page++)
        {
            if (!_pages.TryGetValue(page, out List<Block>? list))
                continue;
            for (int n = list.Count - 1; n >= 0; n--)
            {
                if (!list[n].Valid || list[n].Overlaps(physical, last))
                {
                    any |= list[n].Valid;
                    Invalidate(list[n]);
                    list.RemoveAt(n);
                }
            }

            if (list.Count == 0)
            {
                _pages.Remove(page);
                byte* flags = _memory.FlagsOf(page << PhysicalMemory.PageShift);
                if (flags != null)
                    *flags &= unchecked((byte)~PageFlags.Code);
            }
        }

        return any;
    }

    /// <summary>Wakes every core that monitors a line of the range.</summary>
    public void WakeMonitors(ulong physical, int size)
    {
        foreach (CoreContext core in _cores)
            core.NoteMonitoredStore(physical, size);
    }

    /// <summary>Makes stores to a page come to <see cref="CoreContext.NoteStore"/> on every core.</summary>
    public void SetPageFlag(ulong physical, byte flag)
    {
        byte* flags = _memory.FlagsOf(physical);
        if (flags == null || (*flags & flag) != 0)
            return;
        *flags |= flag;
        foreach (CoreContext core in _cores)
            core.Virtual.ProtectFromWrites(physical & ~0xFFFUL);
    }

    /// <summary>Drops everything. Call only between engine runs, e.g. after memory was restored from a snapshot.</summary>
    public void Clear()
    {
        DropBlocks();
        foreach (CoreContext core in _cores)
            core.Virtual.Flush();
    }

    /// <summary>
    /// Drops everything when it has grown beyond its bounds. Call only between engine runs. Nothing that a guest can see changes:
    /// the TLBs stay.
    /// </summary>
    public void Trim()
    {
        if (_arena.Bytes <= LimitBytes && _native is not { Full: true })
            return;
        DropBlocks();
        foreach (CoreContext core in _cores)
            core.Virtual.DropJumps();
    }

    /// <summary>
    /// Drops decoded code and the software TLBs, so that the next instruction finds the engine as a restored snapshot would. Call between
    /// engine runs. Nothing that a guest or a timing model can see changes.
    /// </summary>
    public void Forget()
    {
        DropBlocks();
        foreach (CoreContext core in _cores)
            core.Virtual.DropEntries();
    }

    private void DropBlocks()
    {
        Trimming?.Invoke();
        foreach (ulong page in _pages.Keys)
        {
            byte* flags = _memory.FlagsOf(page << PhysicalMemory.PageShift);
            if (flags != null)
                *flags &= unchecked((byte)~PageFlags.Code);
        }

        // The detailed engine keeps its own translations of blocks and asks them whether they are still good.
        foreach (Block block in _blocks.Values)
            block.Invalidate();
        _blocks.Clear();
        _pages.Clear();
        foreach (CoreContext core in _cores)
            core.State->Host.PendingLink = null;
        _arena.Clear();
        _numbered.Clear();
        _native?.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        _arena.Dispose();
        _native?.Dispose();
    }

    internal void Attach(CoreContext core) => _cores.Add(core);

    private static bool SecondPage(CoreContext core, ulong linear, out ulong page)
    {
        bool mapped = core.Virtual.TranslateFetch((linear | 0xFFF) + 1, out ulong physical);
        page = physical;
        return mapped;
    }

    private Block? Decode(CoreContext core, BlockKey key, ulong linear, Block? predecessor)
    {
        byte* start = _memory.PointerTo(key.Physical, out _);
        int available = (int)(0x1000 - (key.Physical & 0xFFF));
        Block? block = start == null
            ? _decoder.Undefined(key, linear)
            : _decoder.Decode(key, linear, new ReadOnlySpan<byte>(start, available));
        if (block is null)
        {
            // The first instruction crosses into the next page.
            if (!SecondPage(core, linear, out ulong second))
                return null;
            block = DecodeAcross(key, linear, second);
        }

        Adopt(block);
        predecessor?.Replace(block);
        return block;
    }

    private Block DecodeAcross(BlockKey key, ulong linear, ulong second)
    {
        int available = (int)(0x1000 - (key.Physical & 0xFFF));
        byte* rest = _memory.PointerTo(second, out _);
        Span<byte> bytes = stackalloc byte[32];
        bytes.Fill(0xFF);
        new ReadOnlySpan<byte>(_memory.PointerTo(key.Physical, out _), available).CopyTo(bytes);
        if (rest != null)
            new ReadOnlySpan<byte>(rest, 16).CopyTo(bytes[available..]);
        return _decoder.DecodeOne(key, linear, bytes[..(available + 16)], second);
    }

    private Block Adopt(Block block)
    {
        NumberBlock(block);
        _blocks.Put(block);
        Register(block, block.Key.Physical);
        if (block.SecondPage != Block.NoPage)
            Register(block, block.SecondPage);
        return block;
    }

    private void Register(Block block, ulong physical)
    {
        if (_memory.FlagsOf(physical) == null)
            return;
        ref List<Block>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(_pages, physical >> PhysicalMemory.PageShift, out _);
        (list ??= []).Add(block);
        SetPageFlag(physical, PageFlags.Code);
    }
}
