using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core;

/// <content>Looks at instruction boundaries from inside the run.</content>
public sealed unsafe partial class CoreContext
{
    /// <summary>Who looks at this core's boundaries; null for nobody.</summary>
    public BoundaryWatch? Boundaries { get; private set; }

    /// <summary>Lets boundaries be looked at, for good. Call before anything has run, on every core of a machine.</summary>
    public void WatchBoundaries(BoundaryWatch watch)
    {
        Code.MarkBoundaries();
        Boundaries = watch;
        State->Host.Boundaries = watch.Window;
    }

    /// <summary>Reports accesses to these ranges from now on, on every core that shares the code cache. May be called at a boundary.</summary>
    public void WatchData(IReadOnlyList<WatchedRange> ranges)
    {
        foreach (CoreContext core in Code.Cores)
        {
            if (core.Boundaries is not { } watch)
                continue;
            watch.Ranges = ranges;
            core.RangesChanged();
        }
    }

    /// <summary>Counts a boundary and has it looked at if somebody wants to. The core's state is exact.</summary>
    internal BoundaryAction PassBoundary()
    {
        BoundaryWindow* window = State->Host.Boundaries;
        ulong position = ++window->Position;
        return position < window->LookAt && window->Filter[LinearRip % BoundaryWindow.FilterSize] == 0
            ? BoundaryAction.GoOn
            : LookAtBoundary();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal BoundaryAction LookAtBoundary()
    {
        BoundaryWatch watch = Boundaries!;
        return watch.Position >= watch.LookAt || watch.Addresses.Contains(LinearRip) ? watch.Watcher.AtBoundary(this) : BoundaryAction.GoOn;
    }

    private void ReportAccess(ulong linear, int size, bool write)
    {
        if (Boundaries is not { } watch)
            return;
        foreach (WatchedRange range in watch.Ranges)
        {
            if (range.Matches(linear, size, write))
            {
                watch.Watcher.OnAccess(this, linear, size, write);
                return;
            }
        }
    }
}
