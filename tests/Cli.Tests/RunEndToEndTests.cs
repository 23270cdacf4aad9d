using System.Globalization;
using System.Text.RegularExpressions;

namespace CoSim.Cli.Tests;

/// <summary>`cosim run` with Debian's busybox: from the reset vector to the exit status of an unmodified Linux program.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed partial class RunEndToEndTests
{
    private const decimal TickSeconds = 0.004m; // HZ = 250
    private const decimal CalibrationError = 0.0001m; // 100 ppm: the guest measures its clocks

    [SetUp]
    public void RequireBusybox() => CosimProcess.RequireBusybox();

    [TestCase("exit 0", 0)]
    [TestCase("exit 3", 3)]
    [TestCase("kill -9 $$", 137)]
    public void ExitStatusIsTheProgramsOwn(string script, int status) => Assert.That(Shell(script).Status, Is.EqualTo(status));

    [Test]
    public void OutputIsTheProgramsOwn()
    {
        CommandLine.Result result = Shell("echo one; printf 'two\\r\\n'; cat /proc/version");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Output, Does.StartWith("one\ntwo\r\nLinux version 6.1.0-cosim"));
            Assert.That(result.Error, Does.Contain("simSeconds").And.Contain("simInsts"));
        }
    }

    [Test]
    public void ArgumentsArriveByteForByte()
    {
        string[] words = ["a b", "", "\"quoted\" 'twice'", "$HOME", "ä", "-x", "@y"];
        CommandLine.Result result = CosimProcess.Run("", ["run", "--", "/bin/busybox", "printf", "[%s]", .. words]);
        Assert.That(result.Output, Is.EqualTo(string.Concat(words.Select(w => $"[{w}]"))), result.Error);
    }

    [TestCase("one line\n")]
    [TestCase("no line end")]
    [TestCase("")]
    public void InputReachesTheProgramAndEnds(string input) =>
        Assert.That(CosimProcess.Run(input, "run", "--", "/bin/busybox", "cat").Output, Is.EqualTo(input));

    [Test]
    public void DateIsTheClocksOwn() =>
        Assert.That(CosimProcess.Run("", "run", "--", "/bin/busybox", "date", "+%Y-%m-%d %H:%M").Output, Is.EqualTo("2020-01-01 00:00\n"));

    [Test]
    public void SleepTakesItsTimeToWithinATick()
    {
        string output = Shell("A=$(cat /proc/uptime); sleep 1; B=$(cat /proc/uptime); echo $A $B").Output;
        decimal[] numbers = [.. output.Split(' ').Select(n => decimal.Parse(n, CultureInfo.InvariantCulture))];
        Assert.That(numbers[2] - numbers[0], Is.InRange(1.0m, 1.0m + 0.01m + TickSeconds), "/proc/uptime has hundredths of seconds");
    }

    [Test]
    public void ASecondMoreOfSleepIsASecondMoreOfSimulatedTime()
    {
        decimal one = SimulatedSeconds(CosimProcess.Run("", "run", "--", "/bin/busybox", "sleep", "1"));
        decimal two = SimulatedSeconds(CosimProcess.Run("", "run", "--", "/bin/busybox", "sleep", "2"));
        Assert.That(two - one, Is.InRange(1.0m - CalibrationError, 1.0m + TickSeconds), "everything else that the two runs do is the same");
    }

    [Test]
    public void TimeNamespaceMovesTheClocksOfTheProgramOnly()
    {
        string[] words = ["run", "--timens", "monotonic=86400,boottime=172800", "--", "/bin/busybox", "cat", "/proc/uptime", "/proc/self/timens_offsets"];
        string output = CosimProcess.Run("", words).Output;
        Assert.That(output, Does.Match(@"^172800\.\d\d .*\nmonotonic +86400 +0\nboottime +172800 +0\n$"));
        Assert.That(CosimProcess.Run("", "run", "--timens", "boottime=86400", "--", "/bin/busybox", "uptime").Output, Does.Contain("up 1 day"));
    }

    [Test]
    public void ImpossibleTimeNamespaceIsReported()
    {
        CommandLine.Result result = CosimProcess.Run("", "run", "--timens", "monotonic=-100", "--", "/bin/busybox", "true");
        Assert.That((result.Status, result.Output.Trim()), Is.EqualTo((126, "init: cannot make a time namespace, error -34")), "ERANGE, as on Linux");
    }

    [Test]
    public void CoresArePresent([Values(1, 2, 4, 8)] int cores) =>
        Assert.That(CosimProcess.Run("", "run", "--cores", $"{cores}", "--", "/bin/busybox", "nproc").Output, Is.EqualTo($"{cores}\n"));

    [Test]
    public void VerboseShowsTheBoot() =>
        Assert.That(
            CosimProcess.Run("", "run", "--verbose", "--memory", "512M", "--", "/bin/busybox", "true").Output,
            Does.Contain("CoSim firmware").And.Contain("512 MiB").And.Contain("Linux version").And.Contain("Run /init as init process"));

    [Test]
    public void SameRunGivesSameBytes()
    {
        string[] words = ["run", "--cores", "2", "--verbose", "--", "/bin/busybox", "sh", "-c", "cat /proc/uptime /proc/interrupts; sleep 0.1; date"];
        CommandLine.Result first = CosimProcess.Run("", words);
        CommandLine.Result second = CosimProcess.Run("", words);
        Assert.That(second.Output, Is.EqualTo(first.Output));
        Assert.That(SimulatedSeconds(second), Is.EqualTo(SimulatedSeconds(first)));
    }

    private static CommandLine.Result Shell(string script) => CosimProcess.Run("", "run", "--", "/bin/busybox", "sh", "-c", script);

    private static decimal SimulatedSeconds(CommandLine.Result result) =>
        decimal.Parse(SimulatedLine().Match(result.Error).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"simSeconds +([\d.]+)")]
    private static partial Regex SimulatedLine();
}
