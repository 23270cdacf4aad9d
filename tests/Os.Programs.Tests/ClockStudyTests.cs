using System.Globalization;
using System.Text.RegularExpressions;

namespace CoSim.Os.Programs.Tests;

/// <summary>The study's workload on the host.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed partial class ClockStudyTests
{
    private const int Monotonic = 1;
    private const int Boottime = 7;

    [Test]
    public void EveryConfigurationOfAClocksourceIsMeasuredOnce()
    {
        RequireSource();
        string output = GuestProgram.Run("clockstudy", "calls=2", "sources=0", "namespaces=0").Output;
        string[] lines = output.TrimEnd().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(6 * 2 * 2));
        Assert.That(lines.Select(l => l[..l.IndexOf(':')]).Distinct().Count(), Is.EqualTo(lines.Length), output);
    }

    [Test]
    public void VdsoAndSystemCallAgree()
    {
        RequireSource();
        decimal[] times = Times(GuestProgram.Run("clockstudy", "calls=2", "sources=0", "namespaces=0", "clocks=1", "caches=0"));
        Assert.That(times, Has.Length.EqualTo(2));
        Assert.That(times[1] - times[0], Is.InRange(0m, 5m), "seconds between two readings of one clock");
    }

    [TestCase(Monotonic, 86400.5)]
    [TestCase(Boottime, 172800)]
    public void ChildNamespaceIsAheadByItsOffset(int clock, double offset)
    {
        GuestProgram.RequireTimeNamespaces();
        RequireSource();
        decimal[] times = Times(GuestProgram.Run("clockstudy", "calls=1", "sources=0", $"clocks={clock}", "caches=0"));
        Assert.That(times, Has.Length.EqualTo(4), "vDSO and system call in both namespaces");
        Assert.That(times[2] - times[0], Is.InRange((decimal)offset, (decimal)offset + 5m));
        Assert.That(times[3] - times[1], Is.InRange((decimal)offset, (decimal)offset + 5m));
    }

    [Test]
    public void ClocksourceThatTheSystemLacksIsAnError()
    {
        GuestProgram.Result result = GuestProgram.Run("clockstudy", "calls=1", "sources=3");
        Assert.That((result.Status, result.Output), Is.EqualTo((1, "")), result.Error);
        Assert.That(result.Error, Does.Contain("cannot select clocksource"));
    }

    /// <summary>Selecting a clocksource needs a host that has the TSC and lets this process write to /sys.</summary>
    private static void RequireSource()
    {
        if (GuestProgram.Run("clockstudy", "calls=1", "clocks=1", "sources=0", "namespaces=0", "paths=1", "caches=0").Status != 0)
            Assert.Ignore("the host's clocksource cannot be set to tsc");
    }

    private static decimal[] Times(GuestProgram.Result result) =>
        [.. Line().Matches(result.Output).Select(m => decimal.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) + decimal.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture) / 1_000_000_000m)];

    [GeneratedRegex(@": (\d+) s (\d+) ns")]
    private static partial Regex Line();
}
