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
}
