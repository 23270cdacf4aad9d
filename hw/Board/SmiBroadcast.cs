using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>The FCH's SMI output: a rising edge interrupts every core that runs (PPR 17h, SMI message to all cores).</summary>
internal sealed class SmiBroadcast(IReadOnlyList<MachineCore> cores) : IInterruptInput
{
    /// <inheritdoc/>
    public void SetInput(int pin, bool asserted)
    {
        if (!asserted)
            return;
        foreach (MachineCore core in cores)
            core.Context.RaiseSmi();
    }
}
