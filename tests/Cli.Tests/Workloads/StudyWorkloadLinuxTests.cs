using System.Diagnostics;
using System.Text.Json;

namespace CoSim.Cli.Tests.Workloads;

/// <summary>`cosim study workload --os linux` with the recording of a real program, made by strace on this host.</summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed class StudyWorkloadLinuxTests
{
    [Test]
    public void TheCallsOfARealProgramAreMeasuredOnLinux()
    {
        string kernel = LinuxImage.Require();
        if (!File.Exists("/usr/bin/strace"))
            Assert.Ignore("no strace");
        using TemporaryDirectory directory = new();
        string recording = directory.File("sleep.txt"), trace = directory.File("sleep.trace"), report = directory.File("report.json");
        using Process strace = Process.Start("/usr/bin/strace", ["-f", "-ttt", "-T", "-o", recording, "sleep", "0.01"]);
        strace.WaitForExit();
        if (strace.ExitCode != 0)
            Assert.Ignore("strace may not trace here");
        CommandLine.Result import = CommandLine.Run("trace", "import", recording, "-o", trace);
        Assert.That(import.Status, Is.Zero, import.Error);
        CommandLine.Result study = CosimProcess.Run(
            "", "study", "workload", trace, "--os", "linux", "--kernel", kernel, "--append", "cryptomgr.notests", "--clocksource", "tsc", "--namespace", "child", "--json", report);
        Assert.That(study.Status, Is.Zero, study.Output + study.Error);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(report));
        JsonElement replay = json.RootElement.GetProperty("replays").EnumerateArray().Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(replay.GetProperty("abandoned").GetInt32(), Is.Zero);
            Assert.That(replay.GetProperty("rows").EnumerateArray().Sum(r => r.GetProperty("calls").GetInt32()), Is.Positive, study.Output);
            Assert.That(study.Output, Does.Contain("nanosleep"), "coreutils sleeps by clock_nanosleep");
        }
    }
}
