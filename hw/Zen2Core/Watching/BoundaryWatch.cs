using System.Runtime.InteropServices;

namespace CoSim.Hw.Zen2Core;

/// <summary>What a core does after somebody has looked at it at an instruction boundary.</summary>
public enum BoundaryAction
{
    /// <summary>Nothing has been touched: the run is the one that nobody looks at.</summary>
    GoOn,

    /// <summary>
    /// State or memory has been changed, or the run is to end here: the engine drops what it has in flight and starts again at the core's
    /// instruction pointer.
    /// </summary>
    Leave,
}

/// <summary>Looks at cores between two instructions, from inside the run: while it looks nothing moves, and nothing notices.</summary>
public interface IBoundaryWatcher
{
    /// <summary>
    /// A core stands between two instructions: its architectural state and its count of instructions are exact. Called where the count of
    /// boundaries or a watched address asks for it (<see cref="BoundaryWatch"/>).
    /// </summary>
    BoundaryAction AtBoundary(CoreContext core);

    /// <summary>An instruction has read or written bytes of a watched range; its next boundary is still to come.</summary>
    /// <param name="core">The core.</param>
    /// <param name="linear">Linear address of the access.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="write">A write, or a read that a write follows.</param>
    void OnAccess(CoreContext core, ulong linear, int size, bool write);
}

/// <summary>A range of linear addresses whose accesses are watched.</summary>
/// <param name="Start">The first byte.</param>
/// <param name="Length">Bytes, at least 1.</param>
/// <param name="Reads">Whether reads count.</param>
/// <param name="Writes">Whether writes count.</param>
public readonly record struct WatchedRange(ulong Start, ulong Length, bool Reads, bool Writes)
{
    /// <summary>Whether an access of that kind shares a byte with the range.</summary>
    public bool Matches(ulong linear, int size, bool write) =>
        (write ? Writes : Reads) && (linear - Start < Length || Start - linear < (uint)size);

    /// <summary>Whether a byte of the range lies in the page that begins at an address.</summary>
    public bool Touches(ulong page) => Start - page < 0x1000 || page - Start < Length;
}

/// <summary>
/// Watches the instruction boundaries of a machine's cores for a debugger. Every boundary has a number, the same in every execution of
/// the same run; stops are asked for by number or by address. Unlike a <see cref="CoreContext.StopsHere">stop</see> a look changes
/// neither where blocks end nor when interrupts are taken, so that a run that is looked at is the run that is not.
/// </summary>
/// <remarks>
/// The functional engine has a micro-op before every instruction, at several times the cost of none. The detailed engine looks after
/// every retirement, delivery and wake-up. Boundaries are counted by all cores together.
/// </remarks>
public sealed unsafe class BoundaryWatch : IDisposable
{
    private BoundaryWindow* _window;
    private IReadOnlySet<ulong> _addresses = new HashSet<ulong>();

    /// <summary>Makes a watch that never looks.</summary>
    public BoundaryWatch(IBoundaryWatcher watcher)
    {
        Watcher = watcher;
        _window = (BoundaryWindow*)NativeMemory.AlignedAlloc((nuint)sizeof(BoundaryWindow), 64);
        NativeMemory.Clear(_window, (nuint)sizeof(BoundaryWindow));
        _window->LookAt = ulong.MaxValue;
    }

    /// <summary>Who looks.</summary>
    public IBoundaryWatcher Watcher { get; }

    /// <summary>Boundaries passed so far. Set only to put the machine back to an earlier state.</summary>
    public ulong Position
    {
        get => _window->Position;
        set => _window->Position = value;
    }

    /// <summary>The watcher is called from this boundary on, at each; <see cref="ulong.MaxValue"/> for none. Any thread may set it.</summary>
    public ulong LookAt
    {
        get => Volatile.Read(ref _window->LookAt);
        set => Volatile.Write(ref _window->LookAt, value);
    }

    /// <summary>Linear addresses before whose instructions the watcher is called.</summary>
    public IReadOnlySet<ulong> Addresses
    {
        get => _addresses;
        set
        {
            _addresses = value;
            new Span<byte>(_window->Filter, BoundaryWindow.FilterSize).Clear();
            foreach (ulong address in value)
                _window->Filter[address % BoundaryWindow.FilterSize] = 1;
        }
    }

    /// <summary>Ranges whose accesses are reported. Changed only through <see cref="CoreContext.WatchData"/>.</summary>
    public IReadOnlyList<WatchedRange> Ranges { get; internal set; } = [];

    internal BoundaryWindow* Window => _window;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_window);
        _window = null;
    }
}

/// <summary>What engines look at, at every boundary.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct BoundaryWindow
{
    /// <summary>Entries of <see cref="Filter"/>: one for each byte of a page.</summary>
    public const int FilterSize = 4096;

    /// <summary>Boundaries passed.</summary>
    public ulong Position;

    /// <summary>The first boundary at which the watcher is called in any case.</summary>
    public ulong LookAt;

    /// <summary>Not 0 where an address with these low 12 bits is watched.</summary>
    public fixed byte Filter[FilterSize];
}
