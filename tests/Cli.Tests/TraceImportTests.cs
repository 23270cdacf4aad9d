using System.Text.Json;

namespace CoSim.Cli.Tests;

/// <summary>`cosim trace import`: what it writes, what it says, and what it refuses.</summary>
[TestFixture]
public sealed class TraceImportTests
{
    private const string Strace = """
        3 10.000000 execve("/bin/sleep", ["sleep", "1"], 0x7ffc /* 9 vars */) = 0 <0.000100>
        3 10.001000 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=0}, NULL) = 0 <1.000060>
        3 11.001100 +++ exited with 0 +++
        """;

    private const string PerfScript = """
             sleep  3 [001]    10.001000: syscalls:sys_enter_clock_nanosleep: which_clock: 0x00000000, flags: 0x00000000, rqtp: 0x7ffc0, rmtp: 0x00000000
             sleep  3 [001]    11.001060:  syscalls:sys_exit_clock_nanosleep: 0x0
        """;

    private const string Ftrace = """
        # tracer: nop
                sleep-3       [001] ...1.    10.001000: sys_clock_nanosleep(which_clock: 0, flags: 0, rqtp: 7ffc0, rmtp: 0)
                sleep-3       [001] ...1.    11.001060: sys_clock_nanosleep -> 0x0
        """;

    [TestCase(Strace, "strace")]
    [TestCase(PerfScript, "perf-script")]
    [TestCase(Ftrace, "ftrace")]
    public void FormatIsFoundOutAndTheCallIsInTheTrace(string text, string format)
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("calls.txt"), text);
        CommandLine.Result result = CommandLine.Run("trace", "import", directory.File("calls.txt"), "-o", directory.File("t.trace"), "--strict", "--json");
        Assert.That((result.Status, result.Error), Is.EqualTo((0, "")));
        JsonElement report = JsonDocument.Parse(result.Output).RootElement;
        Assert.That(report.GetProperty("format").GetString(), Is.EqualTo(format));
        Assert.That(report.GetProperty("notUnderstood").GetInt32(), Is.Zero);
        CommandLine.Result shown = CommandLine.Run("trace", "cat", directory.File("t.trace"), "--text", "clock_nanosleep");
        Assert.That(shown.Output, Does.Contain("clock=0").And.Contain("result=0 duration=10000").And.Contain("thread=3"));
    }

    [Test]
    public void LinesThatAreNotUnderstoodAreNamedAndCounted()
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("calls.txt");
        File.WriteAllText(file, Strace + "\n3 12.0 alarm(1 = 0\n");
        CommandLine.Result result = CommandLine.Run("trace", "import", file, "-o", directory.File("t.trace"));
        Assert.That(result.Status, Is.Zero);
        Assert.That(result.Output, Does.Contain("strace: 4 lines, 3 understood, 0 without meaning, 1 not understood"));
        Assert.That(result.Error, Does.Contain($"{file}: line 4: the call has no end: '3 12.0 alarm(1 = 0'").And.Contain("1 lines not understood: the call has no end"));
        CommandLine.Run("trace", "import", file, "-o", directory.File("strict.trace"), "--strict").AssertUserError(file, "line 4: the call has no end");
        Assert.That(File.Exists(directory.File("strict.trace")), Is.False);
    }

    [Test]
    public void WhatIsNoRecordingIsRefused()
    {
        using TemporaryDirectory directory = new();
        string output = directory.File("t.trace");
        File.WriteAllText(directory.File("empty"), "");
        File.WriteAllText(directory.File("letter"), "Dear reader,\n\nnothing happened.\n");
        File.WriteAllText(directory.File("calls"), Strace);
        CommandLine.Run("trace", "import", directory.File("none"), "-o", output).AssertUserError("none: no such file");
        CommandLine.Run("trace", "import", Path.GetTempPath(), "-o", output).AssertUserError("is a directory");
        CommandLine.Run("trace", "import", directory.File("empty"), "-o", output).AssertUserError("empty: is empty");
        CommandLine.Run("trace", "import", directory.File("letter"), "-o", output).AssertUserError("letter: line 1: neither this nor any of the first 3 lines is of strace, perf-script, ftrace");
        CommandLine.Run("trace", "import", directory.File("calls"), "-o", output, "--from", "ftrace").AssertUserError("calls: line 1: no line of a trace; nothing in the file is ftrace");
        CommandLine.Run("trace", "import", directory.File("calls"), "-o", output, "--from", "dtrace").AssertUserError("--from 'dtrace': must be one of strace, perf-script, ftrace");
        Assert.That(Directory.GetFiles(directory.File(".")).Select(Path.GetFileName), Is.EquivalentTo(new[] { "empty", "letter", "calls" }));
    }

    [Test]
    public void AnImportedTraceCannotBeReplayed()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("calls"), Strace);
        _ = CommandLine.Run("trace", "import", directory.File("calls"), "-o", directory.File("t.trace"));
        CommandLine.Run("replay", directory.File("t.trace")).AssertUserError("t.trace");
    }
}
