using CoSim.Cli.Trace;
using CoSim.Traces.Format;

namespace CoSim.Cli.Tests;

/// <summary>`cosim record`, `replay` and `trace` on runs of an unmodified program.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class RecordReplayTests
{
    [SetUp]
    public void RequireBusybox() => CosimProcess.RequireBusybox();

    [TestCase("functional", "1", "events")]
    [TestCase("functional", "2", "events")]
    [TestCase("functional", "1", "inputs")]
    [TestCase("detailed", "1", "events")]
    public void AReplayDoesWhatTheRecordedRunDid(string engine, string cores, string level)
    {
        using TemporaryDirectory directory = new();
        string trace = directory.File("run.trace");
        CommandLine.Result recorded = CosimProcess.Run("some\ninput\n", "record", "-o", trace, "--level", level, "--engine", engine, "--cores", cores, "--", "/bin/busybox", "sort");
        CommandLine.Result replayed = CosimProcess.Run("", "replay", trace, "--console");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(recorded.Status, Is.Zero, recorded.Error);
            Assert.That(recorded.Output, Does.EndWith("input\nsome\n"));
            Assert.That(replayed.Status, Is.Zero, replayed.Output + replayed.Error);
            Assert.That(replayed.Output, Does.Contain(recorded.Output).And.Match("the same: [0-9]+ events\n$"));
        }
    }

    [Test]
    public void RecordingChangesNothing()
    {
        using TemporaryDirectory directory = new();
        string[] program = ["--", "/bin/busybox", "date", "+%s.%N"];
        CommandLine.Result plain = CosimProcess.Run("", ["run", .. program]);
        CommandLine.Result recorded = CosimProcess.Run("", ["record", "-o", directory.File("a.trace"), .. program]);
        Assert.That(recorded.Output, Is.EqualTo(plain.Output).And.Not.Empty);
    }

    [Test]
    public void TheSameRunGivesTheSameBytes()
    {
        using TemporaryDirectory directory = new();
        foreach (string name in new[] { "a.trace", "b.trace" })
            Assert.That(CosimProcess.Run("", "record", "-o", directory.File(name), "--", "/bin/busybox", "date").Status, Is.Zero);
        Assert.That(File.ReadAllBytes(directory.File("b.trace")), Is.EqualTo(File.ReadAllBytes(directory.File("a.trace"))));
        CommandLine.Result same = CommandLine.Run("trace", "diff", directory.File("a.trace"), directory.File("b.trace"));
        Assert.That((same.Status, same.Output), Is.EqualTo((0, $"the same: {Count(directory.File("a.trace"))} events{Environment.NewLine}")));
    }

    [Test]
    public void AReplayNamesTheFirstEventThatDiffers()
    {
        using TemporaryDirectory directory = new();
        string original = directory.File("a.trace");
        Assert.That(CosimProcess.Run("", "record", "-o", original, "--", "/bin/busybox", "date").Status, Is.Zero);
        string changed = directory.File("b.trace");
        ulong at = Falsify(original, changed);

        CommandLine.Result replayed = CosimProcess.Run("", "replay", changed);
        CommandLine.Result compared = CommandLine.Run("trace", "diff", original, changed);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(replayed.Status, Is.EqualTo(1));
            Assert.That(replayed.Output, Does.StartWith($"event {at} is the first that differs").And.Contain("recorded: ").And.Contain("replayed: "));
            Assert.That(compared.Status, Is.EqualTo(1));
            Assert.That(compared.Output, Does.StartWith($"event {at} is the first that differs").And.Contain("- ").And.Contain("+ "));
        }
    }

    /// <summary>The digests say that an instruction differs; the instructions say which.</summary>
    [Test]
    public void AReplayNamesTheFirstInstructionThatDiffers()
    {
        using TemporaryDirectory directory = new();
        string original = directory.File("a.trace"), changed = directory.File("b.trace");
        Assert.That(CosimProcess.Run("", "record", "-o", original, "--level", "retire", "--", "/bin/busybox", "true").Status, Is.Zero);
        ulong at = Falsify(original, changed, TraceEvents.Retire.Name, value: 1, andNext: TraceEvents.Digest.Name);
        CommandLine.Result replayed = CosimProcess.Run("", "replay", changed);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(replayed.Status, Is.EqualTo(1));
            Assert.That(replayed.Output, Does.StartWith($"event {at} is the first that differs\nrecorded: ").And.Contain("retire core=0 rip="));
        }
    }

    [Test]
    public void EventsAreShownFilteredAndCounted()
    {
        using TemporaryDirectory directory = new();
        string trace = directory.File("a.trace");
        string calls = directory.File("calls.trace");
        Assert.That(CosimProcess.Run("", "record", "-o", trace, "--timens", "monotonic=100", "--", "/bin/busybox", "date").Status, Is.Zero);
        Assert.That(CommandLine.Run("trace", "filter", trace, "--kinds", "syscall,namespace-change", "-o", calls).Status, Is.Zero);
        CommandLine.Result shown = CommandLine.Run("trace", "cat", calls, "--kinds", "namespace-change");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shown.Output, Does.Match(@"namespace-change core=0 call=unshare argument=80 flags=[0-9a-f]+ result=0"));
            Assert.That(CommandLine.Run("trace", "info", calls, "--json").Output, Does.Contain("\"syscall\":").And.Not.Contain("\"msr-read\":"));
            CommandLine.Run("replay", calls).AssertUserError("calls.trace: it carries no machine");
            CommandLine.Run("trace", "cat", calls, "--kinds", "clocks").AssertUserError("--kinds: no kind 'clocks'");
        }
    }

    [Test]
    public void EventsAreFoundByTheirFieldsAndByProcess()
    {
        using TemporaryDirectory directory = new();
        string trace = directory.File("a.trace");
        _ = CosimProcess.Run("", "record", "-o", trace, "--", "/bin/busybox", "sh", "-c", "/bin/busybox true; /bin/busybox date");
        string Cat(params string[] words) => CommandLine.Run(["trace", "cat", trace, .. words]).Output;
        string[] writes = Cat("--where", "syscall:nr=1,a0=1").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] either = Cat("--where", "syscall:nr=1,a0=1", "--where", "timer-expired:timer~hpet").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] tables = [.. Cat("--kinds", "address-space").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split("cr3=")[1]).Distinct()];
        string[] each = [.. tables.Select(t => Cat("--cr3", "0x" + t, "--kinds", "syscall"))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(writes, Has.All.Contain(" syscall core=0 ").And.All.Contain(" nr=1 a0=1 ").And.Not.Empty);
            Assert.That(either, Has.Length.GreaterThan(writes.Length).And.Some.Contains("timer=hpet"));
            Assert.That(string.Concat(each).Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EquivalentTo(Cat("--kinds", "syscall").Split('\n', StringSplitOptions.RemoveEmptyEntries)), "every call belongs to one process");
            Assert.That(each.Count(e => e.Length > 0), Is.GreaterThan(1));
        }

        CommandLine.Run("trace", "cat", trace, "--where", "syscall:number=1").AssertUserError("--where 'syscall:number=1': syscall has no field 'number'; nearest: 'nr'");
        CommandLine.Run("trace", "cat", trace, "--cr3", "kernel").AssertUserError("--cr3 'kernel': must be a number");
    }

    [Test]
    public void AReaderThatHasHadEnoughIsNoError()
    {
        using TemporaryDirectory directory = new();
        string trace = directory.File("a.trace");
        _ = CosimProcess.Run("", "record", "-o", trace, "--", "/bin/busybox", "date");
        System.Diagnostics.ProcessStartInfo start = new("/bin/sh", ["-c", $"{{ {Path.Combine(AppContext.BaseDirectory, "cosim")} trace cat {trace}; echo $? >&2; }} | head -n 3"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using System.Diagnostics.Process shell = System.Diagnostics.Process.Start(start)!;
        Task<string> error = shell.StandardError.ReadToEndAsync();
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.That((output.Split('\n').Length, error.Result), Is.EqualTo((4, "0\n")));
    }

    [Test]
    public void WhatIsNoTraceIsAUserError()
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("text");
        File.WriteAllText(file, "strace");
        CommandLine.Run("trace", "info", file).AssertUserError("text: byte 0: no frame begins here");
        CommandLine.Run("replay", directory.File("missing")).AssertUserError("missing: no such file");
    }

    private static ulong Count(string path) => TraceFile.Read(path, t => t.Count);

    /// <summary>Copies a trace with the value of its last clock read changed; returns the number of that event.</summary>
    private static ulong Falsify(string from, string to) => Falsify(from, to, TraceEvents.ClockRead.Name, value: 3, andNext: null);

    /// <summary>Copies a trace with a value of the last event of a kind changed, and of the next of another kind; returns the number of the first.</summary>
    private static ulong Falsify(string from, string to, string kind, int value, string? andNext) => TraceFile.Read(from, trace =>
    {
        List<TraceEvent> events = [.. trace.Events()];
        int at = events.FindLastIndex(e => e.Kind.Name == kind);
        events[at] = Changed(events[at], value);
        int next = andNext == null ? -1 : events.FindIndex(at, e => e.Kind.Name == andNext);
        if (next >= 0)
            events[next] = Changed(events[next], value);
        using FileStream file = File.Create(to);
        TraceWriter writer = new(file, trace.Header);
        writer.WriteData("machine", trace.Data("machine"));
        foreach (TraceEvent e in events)
            writer.Write(in e);
        writer.Finish();
        return (ulong)at;
    });

    private static TraceEvent Changed(TraceEvent e, int value)
    {
        e.Values[value] ^= 1;
        return e;
    }
}
