namespace CoSim.Hw.Zen2Core;

/// <summary>Hears of cores that come to watched places of user code, from inside the run: it may look at everything and change nothing.</summary>
public interface IPlaceWatcher
{
    /// <summary>
    /// A core stands before the instruction at a place: its registers are exact, its stores may still be on their way to memory. It can come
    /// here twice for one execution of the instruction, when an interrupt was first.
    /// </summary>
    /// <param name="core">The core; the place is its <see cref="CoreContext.LinearRip"/>.</param>
    /// <param name="cycle">Core cycles since the machine left reset.</param>
    void AtPlace(CoreContext core, ulong cycle);
}

/// <summary>An instruction that is watched, wherever its page is mapped.</summary>
/// <param name="Offset">Where it stands in its page, 0 to 4095.</param>
/// <param name="Code">Its bytes.</param>
public sealed record WatchedPlace(int Offset, ReadOnlyMemory<byte> Code);

/// <summary>
/// Watches instructions of user code that stand at known places of their pages, such as the entries of a shared library. Unlike a
/// <see cref="BoundaryWatch"/> all other code stays as it is, translated where it is translated, and costs nothing more.
/// </summary>
/// <remarks>A place is known by its offset and its bytes only, so that code of something else may match: the watcher looks closer.</remarks>
public sealed class PlaceWatch
{
    private const int PageSize = 4096, LongestInstruction = 15;

    /// <summary>The half of the address space that user code lies in (AMD APM volume 2, section 5.3.1).</summary>
    private const ulong UserEnd = 1UL << 47;

    /// <summary>A bit for each offset with places: it is asked at every instruction of the detailed engine, and fits in a few lines of the host's cache.</summary>
    private readonly ulong[] _marked = new ulong[PageSize / 64];

    private readonly List<ReadOnlyMemory<byte>>?[] _places = new List<ReadOnlyMemory<byte>>?[PageSize];

    /// <summary>Makes a watch.</summary>
    /// <param name="watcher">Who is told.</param>
    /// <param name="places">The places.</param>
    public PlaceWatch(IPlaceWatcher watcher, IEnumerable<WatchedPlace> places)
    {
        Watcher = watcher;
        foreach (WatchedPlace place in places)
        {
            (_places[place.Offset] ??= []).Add(place.Code);
            _marked[place.Offset / 64] |= 1UL << (place.Offset % 64);
        }
    }

    /// <summary>Who is told.</summary>
    public IPlaceWatcher Watcher { get; }

    /// <summary>Whether the instruction whose bytes begin at an address may be a watched one.</summary>
    internal bool Marks(ulong linear, ReadOnlySpan<byte> code)
    {
        if (linear >= UserEnd || _places[linear % PageSize] is not { } here)
            return false;
        foreach (ReadOnlyMemory<byte> place in here)
        {
            if (code.StartsWith(place.Span))
                return true;
        }

        return false;
    }

    /// <summary>The same for the address at which a core stands.</summary>
    internal bool Marks(CoreContext core)
    {
        ulong linear = core.LinearRip;
        if (linear >= UserEnd || ((_marked[linear % PageSize / 64] >> (int)(linear % 64)) & 1) == 0)
            return false;
        Span<byte> code = stackalloc byte[LongestInstruction];
        return Marks(linear, code[..core.Virtual.Peek(linear, code)]);
    }
}
