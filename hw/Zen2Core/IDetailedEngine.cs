namespace CoSim.Hw.Zen2Core;

/// <summary>What a machine needs of a detailed engine beyond <see cref="ICoreEngine"/>.</summary>
public interface IDetailedEngine : ICoreEngine, IDisposable
{
    /// <summary>Empties caches, TLBs, op cache and predictors of the core (guest request 03).</summary>
    void Cold();
}
