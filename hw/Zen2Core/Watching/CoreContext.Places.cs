using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core;

/// <content>Places of user code that somebody wants to hear of.</content>
public sealed unsafe partial class CoreContext
{
    /// <summary>The watched places; null for none.</summary>
    public PlaceWatch? Places { get; private set; }

    /// <summary>Watches places, for good. Call before anything has run, on every core of a machine.</summary>
    /// <exception cref="InvalidOperationException">Code has been decoded already.</exception>
    public void WatchPlaces(PlaceWatch watch)
    {
        Code.MarkPlaces(watch);
        Places = watch;
    }

    /// <summary>The core, on the detailed engine, has come to an instruction boundary.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void PassPlace()
    {
        if (Places!.Marks(this))
            Places.Watcher.AtPlace(this, PresentCycle);
    }

    /// <summary>The functional engine stands before a marked instruction.</summary>
    internal void StandAtPlace() => Places!.Watcher.AtPlace(this, PresentCycle);
}
