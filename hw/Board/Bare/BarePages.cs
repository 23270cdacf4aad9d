using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>
/// The page tables of a <see cref="BareCore"/> and the physical pages behind them, handed out front to back. Tables are not
/// mapped themselves, so code cannot reach them by linear address.
/// </summary>
/// <remarks>Formats: AMD APM vol. 2, 5.2.3 (PAE) and 5.3 (four levels).</remarks>
internal sealed unsafe class BarePages
{
    private const ulong PageBytes = PhysicalMemory.PageSize;
    private const ulong Present = 1, Writable = 2, User = 4, NoExecute = 1UL << 63;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;
    private const int ClearBytes = 1 << 18;

    private static readonly byte[] s_zeros = new byte[ClearBytes];

    private readonly PhysicalMemory _memory;
    private readonly ulong _poolStart, _poolEnd;
    private readonly ulong[] _directories = new ulong[4];
    private ulong _next;
    private bool _long;

    /// <summary>Takes a pool of zeroed RAM.</summary>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="poolStart">Physical address of the pool, a multiple of 4 KiB.</param>
    /// <param name="poolBytes">Its length, likewise.</param>
    public BarePages(PhysicalMemory memory, ulong poolStart, ulong poolBytes)
    {
        _memory = memory;
        _poolStart = _next = poolStart;
        _poolEnd = poolStart + poolBytes;
    }

    /// <summary>Physical address of the top-level table.</summary>
    public ulong Root { get; private set; }

    /// <summary>Bytes of the pool that are not in use.</summary>
    public ulong Free => _poolEnd - _next;

    /// <summary>The page directories of PAE paging, as the four page-directory-pointer registers hold them.</summary>
    public ReadOnlySpan<ulong> Directories => _directories;

    /// <summary>Starts again with empty tables; every page that was in use is zero again and holds no decoded code.</summary>
    /// <param name="longMode">Four levels; PAE otherwise.</param>
    public void Reset(bool longMode)
    {
        ReturnTo(0);
        _long = longMode;
        if (longMode)
        {
            Root = Take();
            return;
        }

        for (int n = 0; n < _directories.Length; n++)
            _directories[n] = Take() | Present;
    }

    /// <summary>Takes back all but the first bytes that were handed out, and zeroes what it takes.</summary>
    public void ReturnTo(ulong bytes)
    {
        ulong end = _next;
        _next = _poolStart + bytes;
        for (ulong at = _next; at < end; at += ClearBytes)
            _memory.Write(at, s_zeros.AsSpan(0, (int)Math.Min(ClearBytes, end - at)));
    }

    /// <summary>Physical address of a page that is mapped; null where none is.</summary>
    public ulong? Find(ulong linear)
    {
        ulong* entry = Entry(linear, grow: false);
        return entry == null || (*entry & Present) == 0 ? null : (*entry & AddressMask) | (linear & (PageBytes - 1));
    }

    /// <summary>Maps a zeroed page that is not mapped yet.</summary>
    /// <exception cref="InvalidOperationException">The pool is used up; callers ask <see cref="Free"/> first.</exception>
    public void Map(ulong linear, BareAccess access)
    {
        ulong* entry = Entry(linear, grow: true);
        *entry = Take() | Present
            | ((access & BareAccess.Write) != 0 ? Writable : 0)
            | ((access & BareAccess.Supervisor) == 0 ? User : 0)
            | ((access & BareAccess.Execute) == 0 ? NoExecute : 0);
    }

    private ulong* Entry(ulong linear, bool grow)
    {
        const int lowestShift = 12, levelBits = 9, directoryShift = 21, rootShift = 39;
        ulong table = _long ? Root : _directories[(linear >> 30) & 3] & AddressMask;
        for (int shift = _long ? rootShift : directoryShift; ; shift -= levelBits)
        {
            ulong* entry = (ulong*)_memory.PointerTo(table + (((linear >> shift) & 0x1FF) * sizeof(ulong)), out _);
            if (shift == lowestShift)
                return entry;
            if ((*entry & Present) == 0)
            {
                if (!grow)
                    return null;
                *entry = Take() | Present | Writable | User;
            }

            table = *entry & AddressMask;
        }
    }

    private ulong Take()
    {
        if (Free < PageBytes)
            throw new InvalidOperationException("the pool of pages is used up");
        ulong page = _next;
        _next += PageBytes;
        return page;
    }
}
