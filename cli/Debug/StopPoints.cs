using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Debug;

/// <summary>Breakpoints and watchpoints. Guest memory is never changed for them.</summary>
internal sealed class StopPoints
{
    /// <summary>Bytes that a watchpoint may cover.</summary>
    public const ulong MaxLength = 1 << 20;

    private const int SoftwareType = 0, HardwareType = 1, WriteType = 2, ReadType = 3, AccessType = 4;

    private readonly Machine _machine;
    private readonly BoundaryWatch _watch;
    private readonly HashSet<(int Type, ulong Address)> _breakpoints = [];
    private readonly HashSet<(int Type, ulong Address, ulong Length)> _watchpoints = [];

    /// <summary>None yet.</summary>
    public StopPoints(Machine machine, BoundaryWatch watch)
    {
        _machine = machine;
        _watch = watch;
    }

    /// <summary>Addresses at which the machine stops for reasons of its own, besides the debugger's breakpoints.</summary>
    public HashSet<ulong> Others { get; } = [];

    /// <summary>Inserts or removes what a Z or z packet names; twice is once.</summary>
    /// <param name="type">0 to 4, as in the packet.</param>
    /// <param name="address">Linear address.</param>
    /// <param name="length">Bytes, for watchpoints.</param>
    /// <param name="insert">Whether to insert.</param>
    /// <returns>False: there is no such kind, or the length is refused.</returns>
    public bool Change(int type, ulong address, ulong length, bool insert)
    {
        switch (type)
        {
            case SoftwareType or HardwareType:
                _ = insert ? _breakpoints.Add((type, address)) : _breakpoints.Remove((type, address));
                Apply();
                return true;
            case WriteType or ReadType or AccessType when length is > 0 and <= MaxLength:
                _ = insert ? _watchpoints.Add((type, address, length)) : _watchpoints.Remove((type, address, length));
                Apply();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _breakpoints.Clear();
        _watchpoints.Clear();
        Others.Clear();
        Apply();
    }

    /// <summary>Puts changes of <see cref="Others"/> into force.</summary>
    public void Apply()
    {
        _watch.Addresses = _breakpoints.Select(b => b.Address).Concat(Others).ToHashSet();
        WatchedRange[] ranges = [.. _watchpoints.Select(w => new WatchedRange(w.Address, w.Length, w.Type != WriteType, w.Type != ReadType))];
        if (!ranges.SequenceEqual(_watch.Ranges))
            _machine.Cores[0].Context.WatchData(ranges);
    }

    /// <summary>The stop for a breakpoint at an address; null when there is none.</summary>
    public StopEvent? BreakpointAt(int core, ulong address)
    {
        if (_breakpoints.Contains((HardwareType, address)))
            return new StopEvent(StopKind.HardwareBreakpoint, core);
        return _breakpoints.Contains((SoftwareType, address)) ? new StopEvent(StopKind.SoftwareBreakpoint, core) : null;
    }

    /// <summary>The stop for an access; null when it is to none of the watchpoints.</summary>
    public StopEvent? WatchpointAt(int core, ulong linear, int size, bool write)
    {
        foreach ((int type, ulong address, ulong length) in _watchpoints.OrderBy(w => w.Type).ThenBy(w => w.Address))
        {
            if (new WatchedRange(address, length, type != WriteType, type != ReadType).Matches(linear, size, write))
            {
                StopKind kind = type switch { WriteType => StopKind.WriteWatch, ReadType => StopKind.ReadWatch, _ => StopKind.AccessWatch };
                return new StopEvent(kind, core, address, "");
            }
        }

        return null;
    }
}
