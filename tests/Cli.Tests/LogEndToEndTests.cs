namespace CoSim.Cli.Tests;

/// <summary>The log of a whole run, from the reset vector on.</summary>
[TestFixture]
public sealed class LogEndToEndTests
{
    private static readonly string[] Study = ["study", "clock-gettime", "--calls", "1", "--clocks", "monotonic", "--cache", "warm", "--boot-engine", "functional"];

    [Test]
    public void SameRunGivesSameLog()
    {
        using TemporaryDirectory directory = new();
        string[] paths = [directory.File("first.log"), directory.File("second.log")];
        foreach (string path in paths)
            Assert.That(CosimProcess.Run("", [.. Study, "--log", path, "--log-level", "verbose"]).Status, Is.Zero);
        string log = File.ReadAllText(paths[0]);
        Assert.That(File.ReadAllBytes(paths[1]), Is.EqualTo(File.ReadAllBytes(paths[0])));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(log, Does.Match(@"VRB hpet +hpet read: [0-9A-F]+h\n").And.Match(@"VRB pm +pm read: "), "the study reads both");
            Assert.That(log, Does.Match(@"DBG apic0 +apic0\.timer programmed for \d+\.\d{9} s\n").And.Match(@"DBG apic0 +apic0\.timer expired\n"));
            Assert.That(log, Does.Match(@"INF firmware +progress code [0-9A-F]{2}h\n"));
            Assert.That(log, Does.Match(@"INF core0 +goes on with the detailed engine\n"));
            Assert.That(log, Does.Match(@"INF core0 +program ended with status 0\n"));
            Assert.That(log.TrimEnd().Split('\n'), Has.All.Matches(@"^\d+\.\d{9} s (VRB|DBG|INF|WRN|ERR) [a-z0-9-]+ +\S"));
        }
    }

    [Test]
    public void LogChangesNothingButTheLog()
    {
        using TemporaryDirectory directory = new();
        CommandLine.Result plain = CosimProcess.Run("", Study);
        CommandLine.Result logged = CosimProcess.Run("", [.. Study, "--log", directory.File("run.log"), "--log-level", "verbose"]);
        Assert.That(logged.Output, Is.EqualTo(plain.Output));
    }

    [Test]
    public void FiltersSelectLines()
    {
        CommandLine.Result result = CosimProcess.Run("", [.. Study, "--log", "-", "--log-level", "debug", "--log-components", "apic0", "--log-until", "200ms"]);
        string[] lines = [.. result.Error.Split('\n').Where(line => line.Contains(" DBG ", StringComparison.Ordinal))];
        Assert.That(lines, Is.Not.Empty, result.Error);
        Assert.That(lines, Has.All.Matches(@"^0\.[01]\d{8} s DBG apic0 "));
        Assert.That(result.Error, Does.Not.Contain(" VRB ").And.Not.Contain(" INF "));
    }
}
