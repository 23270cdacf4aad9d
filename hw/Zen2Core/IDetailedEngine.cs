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
}
