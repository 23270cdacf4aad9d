using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core;

/// <summary>
/// What a machine needs of a detailed engine beyond <see cref="ICoreEngine"/>. Its state is what it has cached and learnt; it is
/// restored after <see cref="ICoreEngine.Attach"/>, and the engine of core 0 first, because it holds what all cores share.
/// </summary>
public interface IDetailedEngine : ICoreEngine, IStateful, IDisposable
{
    /// <summary>Empties caches, TLBs, op cache and predictors of the core (guest request 03).</summary>
    void Cold();

    /// <summary>
    /// Runs one cycle, and passes over those behind it in which nothing can change by itself. What passes is not final: another
    /// core can take it back, through memory or an interrupt, at the moment at which it acts.
    /// </summary>
    /// <param name="untilCycle">The core passes over no cycle from this one on.</param>
    /// <returns>Whether other cores have been interrupted or brought back meanwhile.</returns>
    bool Step(ulong untilCycle);

    /// <summary>Puts what the core has retired and not yet written over bytes of memory, for a debugger.</summary>
    /// <param name="physical">Physical address of the first byte; all lie in one page.</param>
    /// <param name="bytes">What memory holds.</param>
    void PeekStores(ulong physical, Span<byte> bytes);

    /// <summary>Takes back the cycles passed over from a cycle on, and accounts for those before it.</summary>
    /// <param name="cycle">The core's present, if it lies further ahead.</param>
    void Settle(ulong cycle);
}
