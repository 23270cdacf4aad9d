using CoSim.Hw.Zen2Core;

namespace CoSim.Hw.Board;

/// <summary>Makes the detailed engines of a machine; who makes them decides what watches them.</summary>
public interface IEngineFactory
{
    /// <summary>Makes the detailed engine of one core. Called once for each core, in order, when it is first needed.</summary>
    IDetailedEngine CreateDetailed(CoreContext core);
}
