using System.Globalization;
using System.Text.RegularExpressions;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests;

/// <summary>What the operating system finds out about the clocks of the whole machine.</summary>
public sealed class BootTests
{
    private static readonly SimTime Deadline = SimTime.Zero + SimDuration.FromSeconds(2);

    [Test]
    public void ClocksAreFoundAndAgree([Values(1, 2, 4, 8, 16)] int cores)
    {
        using Bench bench = new(cores);
        StopReason reason = bench.RunTo(Deadline);
        Assert.That(reason, Is.EqualTo(StopReason.PowerOff), bench.Console);
        Assert.Multiple(() =>
        {
            Assert.That(bench.Console, Does.Contain("tsc: Fast TSC calibration using PIT"));
            Assert.That(Number(bench.Console, @"tsc: Detected (\d+\.\d+) MHz processor"), Is.EqualTo(2250m).Within(1.125m), "500 ppm");
            Assert.That(bench.Console, Does.Contain("hpet0: 3 comparators, 32-bit 14.318179 MHz counter"));
            Assert.That(Number(bench.Console, @"host bus clock speed is (\d+\.\d+) MHz"), Is.EqualTo(100m).Within(0.06m), "as good as the TSC");
            Assert.That(bench.Console, Does.Not.Contain("warp"), "the TSCs of all cores are one clock");
            Assert.That(bench.Unmodelled, Is.Empty);
        });
    }

    private static decimal Number(string text, string pattern)
    {
        Match match = Regex.Match(text, pattern);
        Assert.That(match.Success, $"{pattern} in {text}");
        return decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
