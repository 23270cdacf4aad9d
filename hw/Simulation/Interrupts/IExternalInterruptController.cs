namespace CoSim.Hw.Simulation;

/// <summary>The controller behind ExtINT: a pair of 8259As, which supplies the vector itself when the core acknowledges.</summary>
public interface IExternalInterruptController
{
    /// <summary>The interrupt acknowledge cycle: takes the highest request and returns its vector.</summary>
    byte AcknowledgeExternal();
}
