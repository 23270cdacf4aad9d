using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>IGNNE# from the FCH to the cores; a pin is a core.</summary>
internal sealed class NumericErrorWires(IReadOnlyList<MachineCore> cores) : IInterruptInput
{
    /// <inheritdoc/>
    public void SetInput(int pin, bool asserted) => cores[pin].Context.IgnoreNumericErrors = asserted;
}
