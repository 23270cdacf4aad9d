using CoSim.Cli.Study;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect;

/// <summary>One clock of the machine at one instant.</summary>
/// <param name="Name">As the reference manuals call it.</param>
/// <param name="Oscillator">The oscillator that drives it.</param>
/// <param name="Rate">Its rate, with the oscillator's error.</param>
/// <param name="Bits">Width of its counter; 0 for a calendar.</param>
/// <param name="CountsDown">Whether it counts down.</param>
/// <param name="Value">The counter.</param>
/// <param name="Text">The value as it is shown.</param>
internal sealed record ClockView(string Name, string Oscillator, Frequency Rate, int Bits, bool CountsDown, ulong Value, string Text)
{
    private const int SecondDecimals = 6;

    /// <summary>Seconds from 0 to the next 0, with six decimals; empty for a calendar.</summary>
    public string WrapSeconds => Bits == 0 ? "" : ExactDecimal.Ratio(((UInt128)1 << Bits) * Rate.Denominator, Rate.Numerator, SecondDecimals);

    /// <summary>The rate in hertz: a whole number, or an exact fraction.</summary>
    public string Hertz => Rate.ToString()[..^3];
}
