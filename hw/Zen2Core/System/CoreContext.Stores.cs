using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core;

/// <summary>What stores to pages with flags bring about.</summary>
public sealed unsafe partial class CoreContext
{
    /// <summary>
    /// Must follow every store to RAM whose page has flags (any engine, any core). Invalidates decoded code that the store
    /// overlaps and wakes cores that monitor the line. True when decoded code was invalidated.
    /// </summary>
    public bool NoteStore(ulong physical, int size)
    {
        byte flags = *Memory.FlagsOf(physical);
        if (flags == 0)
            return false;
        if ((flags & PageFlags.Monitored) != 0)
            Code.WakeMonitors(physical, size);
        return (flags & PageFlags.Code) != 0 && Code.Invalidate(physical, size);
    }

    /// <summary>Calls back when WBINVD and its kin empty the caches, for timing models.</summary>
    public event Action<CoreContext>? CachesInvalidated;

    /// <summary>Calls back when CLFLUSH and its kin evict a line (its physical address), for timing models.</summary>
    public event Action<CoreContext, ulong>? LineFlushed;

    internal void OnLineFlushed(ulong line) => LineFlushed?.Invoke(this, line);

    internal void OnCachesInvalidated() => CachesInvalidated?.Invoke(this);
}
