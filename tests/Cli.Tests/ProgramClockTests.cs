using CoSim.Cli.Trace;
using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Tests;

/// <summary>Recordings have every clock that a program reads, with its value, also where no kernel was asked.</summary>
[TestFixture]
public sealed class ProgramClockTests
{
    [TestCase("functional", "on")]
    [TestCase("functional", "off")]
    [TestCase("detailed", "on")]
    public void EveryReadingIsThereAndTheRunIsTheSame(string engine, string translate)
    {
        using TemporaryDirectory directory = new();
        string events = directory.File("events.trace"), inputs = directory.File("inputs.trace");
        Record(events, "events", engine, translate);
        Record(inputs, "inputs", engine, translate);
        TraceEvent[] readings = [.. Events(events).Where(e => e.Kind.Name == "program-clock")];
        CommandLine.Result replay = CommandLine.Run("replay", events);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(readings.Count(e => Value(e, "vdso") == 1 && e.Text == "monotonic"), Is.EqualTo(400));
            Assert.That(readings.Select(e => Value(e, "core")).Distinct(), Is.EquivalentTo((ulong[])[0, 1]));
            Assert.That(readings.Select(e => Value(e, "ns")), Is.Ordered.And.All.GreaterThan(0), "threads that take turns");
            Assert.That(readings.Select(e => Value(e, "timens")).Distinct().ToArray(), Has.Length.EqualTo(1).And.All.GreaterThan(0));
            Assert.That(readings.Select(e => Value(e, "cr3")).Distinct().ToArray(), Has.Length.EqualTo(1));
            Assert.That(replay.Status, Is.Zero, replay.Output + replay.Error);
            // Its instructions, and the digest of all state.
            Assert.That(Events(events)[^1].ToString(), Is.EqualTo(Events(inputs)[^1].ToString()).And.StartsWith("stop"));
        }
    }

    [TestCase("hpet", 1UL, 1UL, Description = "the vDSO asks the kernel: one reading, not two")]
    [TestCase("tsc", 1UL, 0UL)]
    public void SaysHowTheClockWasRead(string clocksource, ulong vdso, ulong syscall)
    {
        using TemporaryDirectory directory = new();
        string trace = directory.File("a.trace");
        Record(trace, "events", "functional", "on", "--os-cmdline", $"clocksource={clocksource}");
        (ulong, ulong)[] ways = [.. Events(trace).Where(e => e.Kind.Name == "program-clock").Select(e => (Value(e, "vdso"), Value(e, "syscall"))).Distinct()];
        Assert.That(ways, Is.EqualTo([(vdso, syscall)]));
    }

    /// <summary>A program's first reading by the vDSO ends the run before it prints: the vDSO is found in the flash, and in memory where no firmware ran.</summary>
    [TestCase]
    [TestCase("--direct")]
    [Category("NeedsTools")]
    [Category("NeedsLinuxKernel")]
    public void LinuxProgramsAreSeenHoweverTheKernelWasStarted(params string[] options)
    {
        CommandLine.Result result = CosimProcess.Run(
            "",
            ["boot", "linux", .. options, "--kernel", LinuxGuest.Kernel, "--memory", "256M", "--append", "cryptomgr.notests", "--stop-on", "program-clock:vdso=1",
             "--exec", "/bin/busybox", "--", "sh", "-c", "echo begin; date; echo end"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.Zero, result.Error);
            Assert.That(result.Output, Does.Contain("begin").And.Not.Contain("end"));
        }
    }

    private static void Record(string path, string level, string engine, string translate, params string[] options)
    {
        CommandLine.Result result = CosimProcess.Run(
            "",
            ["record", "-o", path, "--level", level, "--engine", engine, "--translate", translate, "--cores", "2", "--memory", "64M", .. options,
             "--", GuestImages.Above(AppContext.BaseDirectory).ProgramPath("timekeepingbugs"), "two-cores"]);
        Assert.That(result.Status, Is.Zero, result.Error);
    }

    private static List<TraceEvent> Events(string path) => TraceFile.Read(path, trace => trace.Events().ToList());

    private static ulong Value(in TraceEvent e, string field) => e.Values[e.Kind.IndexOf(field)];
}
