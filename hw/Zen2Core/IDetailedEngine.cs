using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;

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

    /// <summary>
    /// Whether <see cref="SaveInFlight"/> can be called: not while code that is in flight has been written over, which does not last.
    /// </summary>
    bool CanHoldInFlight { get; }

    /// <summary>Ends <see cref="ICoreEngine.Run"/> behind the present cycle; the run does not notice.</summary>
    void EndTurn();

    /// <summary>
    /// Writes what <see cref="IStateful.Save"/> does and all that is in flight, between two cycles. The engine goes on as if it had not been asked.
    /// </summary>
    /// <param name="writer">Where to; the bytes are good in this process only.</param>
    /// <param name="blocks">Gets the blocks that instructions in flight come from.</param>
    void SaveInFlight(StateWriter writer, IList<Block> blocks);

    /// <summary>Brings back what <see cref="SaveInFlight"/> wrote, after memory, decoded code, the core's state and <see cref="ICoreEngine.Attach"/>.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="blocks">The blocks that were noted then.</param>
    void RestoreInFlight(StateReader reader, IReadOnlyList<Block> blocks);

    /// <summary>Takes back the cycles passed over from a cycle on, and accounts for those before it.</summary>
    /// <param name="cycle">The core's present, if it lies further ahead.</param>
    void Settle(ulong cycle);
}
