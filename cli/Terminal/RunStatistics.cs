using System.Globalization;
using CoSim.Cli.Study;

namespace CoSim.Cli.Terminal;

/// <summary>The closing lines of every run, on the error output so that results stay clean.</summary>
/// <param name="SimulatedNanoseconds">Simulated time since reset.</param>
/// <param name="Instructions">Guest instructions that all cores retired.</param>
/// <param name="HostTicks">Host time that simulating took, in units of 100 ns.</param>
public sealed record RunStatistics(UInt128 SimulatedNanoseconds, ulong Instructions, long HostTicks)
{
    /// <summary>Writes the lines.</summary>
    public void Write(TextWriter error)
    {
        UInt128 ticks = (UInt128)(ulong)Math.Max(1, HostTicks);
        Line(error, "simSeconds", ExactDecimal.Ratio(SimulatedNanoseconds, 1_000_000_000, 9), "simulated seconds since reset");
        Line(error, "simInsts", Instructions.ToString(CultureInfo.InvariantCulture), "instructions retired by all cores");
        Line(error, "hostSeconds", ExactDecimal.Ratio(ticks, TimeSpan.TicksPerSecond, 2), "host seconds");
        UInt128 perSecond = (UInt128)Instructions * TimeSpan.TicksPerSecond / ticks;
        if (perSecond >= 10_000_000)
            Line(error, "hostMips", ExactDecimal.Ratio(perSecond, 1_000_000, 1), "million instructions per host second");
        else
            Line(error, "hostKips", ExactDecimal.Ratio(perSecond, 1_000, 1), "thousand instructions per host second");
    }

    private static void Line(TextWriter error, string name, string value, string meaning) =>
        error.WriteLine($"{name,-14} {value,20}  # {meaning}");
}
