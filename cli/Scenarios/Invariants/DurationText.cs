using System.Globalization;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>Durations as scenario files write them.</summary>
internal static class DurationText
{
    private static readonly (ulong Femtoseconds, string Name)[] s_units =
    [
        (SimDuration.FemtosecondsPerSecond, "s"), (SimDuration.FemtosecondsPerMillisecond, "ms"), (SimDuration.FemtosecondsPerMicrosecond, "us"), (SimDuration.FemtosecondsPerNanosecond, "ns"),
    ];

    /// <summary>In the largest unit of which it is a whole number, <c>20 ms</c>; else to the thousandth of the largest unit that it reaches, <c>198.471 ms</c>.</summary>
    public static string Of(SimDuration duration)
    {
        if (duration == SimDuration.Zero)
            return "0 ns";
        foreach ((ulong femtoseconds, string name) in s_units)
        {
            if (duration.Femtoseconds % femtoseconds == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Femtoseconds / femtoseconds} {name}");
        }
        UInt128 magnitude = (UInt128)Int128.Abs(duration.Femtoseconds);
        (ulong unit, string nameOfIt) = s_units.FirstOrDefault(u => magnitude >= u.Femtoseconds, s_units[^1]);
        UInt128 thousandths = magnitude * 1000 / unit;
        return string.Create(CultureInfo.InvariantCulture, $"{(duration < SimDuration.Zero ? "-" : "")}{thousandths / 1000}.{(ulong)(thousandths % 1000):D3} {nameOfIt}");
    }
}
