using CoSim.Hw.Zen2Core;

namespace CoSim.Hw.Board;

/// <summary>Makes the detailed engines of a machine; who makes them decides what watches them.</summary>
public interface IEngineFactory
{
    /// <summary>Makes the detailed engine of one core. Called once for each core, in order, when it is first needed.</summary>
    IDetailedEngine CreateDetailed(CoreContext core);
}

/// <summary>What the board needs of a detailed engine beyond <see cref="ICoreEngine"/>.</summary>
public interface IDetailedEngine : ICoreEngine, IDisposable
{
    /// <summary>Empties caches, TLBs, op cache and predictors: <see cref="GuestRequest.Cold"/>.</summary>
    void Cold();
}
