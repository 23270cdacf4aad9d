using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Board;

/// <content>Regions that are too large to be mapped whole: their pages appear, zeroed, when they are touched first.</content>
public sealed unsafe partial class BareCore
{
    // Page-fault error code: the page is present (AMD APM vol. 2, 8.4.2).
    private const uint PresentError = 1;

    // A page and the tables that may be new for it.
    private const ulong MostForAPage = 4 * PhysicalMemory.PageSize;

    private readonly List<(ulong First, ulong Last, BareAccess Access)> _reserved = [];
    private readonly SortedSet<ulong> _touched = [];

    /// <summary>Pages of reserved regions that runs have touched since <see cref="ForgetTouched"/>.</summary>
    public int TouchedPages => _touched.Count;

    /// <summary>
    /// Lets pages appear when code touches them, until the next <see cref="Reset"/>. Those that earlier runs touched are mapped at once,
    /// so that a second run of the same code meets no fault in a region, and its cycles are those of memory that had always been there.
    /// </summary>
    /// <param name="linear">First byte.</param>
    /// <param name="length">Bytes, at least 1; the range does not wrap. Not in real mode.</param>
    /// <param name="access">Rights.</param>
    public void Reserve(ulong linear, ulong length, BareAccess access)
    {
        ulong first = linear & ~PageMask, last = (linear + length - 1) & ~PageMask;
        _reserved.Add((first, last, access));
        foreach (ulong page in _touched.GetViewBetween(first, last))
            Map(page, 1, access);
    }

    /// <summary>Forgets which pages were touched: the next run starts from nothing.</summary>
    public void ForgetTouched() => _touched.Clear();

    private bool IsReserved(ulong linear) => RegionOf(linear & ~PageMask) >= 0;

    private int RegionOf(ulong page) => _reserved.FindIndex(r => page >= r.First && page <= r.Last);

    /// <summary>Maps the page that a fault asks for, if it is one of a reserved region.</summary>
    private bool FillPage()
    {
        if (Exception is not { Vector: ExceptionVector.PageFault, Software: false, ErrorCode: { } error, Cr2: { } address } || (error & PresentError) != 0)
            return false;
        ulong page = address & ~PageMask;
        int region = RegionOf(page);
        if (region < 0 || _pages.Find(page) is not null)
            return false;
        if (FreeBytes < MostForAPage)
        {
            _unmodelled.Add($"more than {PoolBytes >> 20}M of memory that is touched");
            return false;
        }

        Map(page, 1, _reserved[region].Access);
        _touched.Add(page);
        Exception = null;
        return true;
    }
}
