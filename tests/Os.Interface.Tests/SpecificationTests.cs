namespace CoSim.Os.Interface.Tests;

/// <summary>
/// Programs that ask about a section of the time namespace reference, or about another part of the interface of time; every line
/// of their answers must be that of Debian's Linux 6.1.192, from which Expected/*.txt were recorded.
/// </summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
public sealed class SpecificationTests
{
    private static void IsAsOnLinux(string name, params string[] options) => IsAs(name, name, options);

    private static void IsAs(string expected, string name, params string[] options)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.Compile(name), options);
        Assert.That(r.Output, Is.EqualTo(InterfaceProgram.Expected(expected)));
        Assert.That(r.Status, Is.Zero);
    }

    [Test]
    public void Section2_4_7_Namespaces() => IsAsOnLinux("namespaces", "--cores", "2");

    /// <summary>What differs from 6.1 with 5.6: clone3 refuses CLONE_NEWTIME, offsets have numbers instead of names, and nothing is counted.</summary>
    [Test]
    public void Section2_9_Linux56() => IsAs("namespaces-5.6", "namespaces", "--cores", "2", "--os-semantics", "5.6");

    /// <summary>
    /// The answers of Debian's Linux 6.12.111, where they differ from 6.1's: exec enters the namespace, vfork and threads are allowed after
    /// unshare; membarrier tells what was registered.
    /// </summary>
    [TestCase("namespaces-6.12", "namespaces")]
    [TestCase("vfork_exec-6.12", "vfork_exec")]
    [TestCase("sequences-6.12", "sequences")]
    [TestCase("users", "users")]
    [TestCase("timens_offsets", "timens_offsets")]
    [TestCase("rows", "rows")]
    [TestCase("processes", "processes")]
    [TestCase("clocks", "clocks")]
    [TestCase("sleeps", "sleeps")]
    [TestCase("timers", "timers")]
    [TestCase("futexes", "futexes")]
    public void Section2_9_Linux612(string expected, string name) => IsAs(expected, name, "--cores", "2", "--os-semantics", "6.12");

    [Test]
    public void Section8_WithoutTimeNamespaces()
    {
        string[] lines = InterfaceProgram.Run(InterfaceProgram.Compile("namespaces"), ["--os-cmdline", "time_ns=off"]).Lines;
        Assert.That(lines, Does.Contain("unshare: EINVAL").And.Contain("clone3: EINVAL").And.Contain("offset: ENOENT").And.Not.Contain("unshare: ok"));
    }

    [Test]
    public void Section2_UserNamespaces() => IsAsOnLinux("users");

    [Test]
    public void Section3_TimensOffsets() => IsAsOnLinux("timens_offsets");

    /// <summary>The rows of the table of interfaces that the programs by theme below leave out.</summary>
    [Test]
    public void Section5_Rows([Values(1, 2)] int cores) => IsAsOnLinux("rows", "--cores", $"{cores}");

    [Test]
    public void Section2_5_Processes([Values(1, 2)] int cores) => IsAsOnLinux("processes", "--cores", $"{cores}");

    /// <summary>What the C library registers at its start, and the barriers that go with it; rseq(2), membarrier(2).</summary>
    [Test]
    public void RestartableSequences() => IsAsOnLinux("sequences", "--cores", "2");

    [Test]
    public void Section5_Clocks() => IsAsOnLinux("clocks");

    [Test]
    public void Section5_Sleeps([Values(1, 2)] int cores) => IsAsOnLinux("sleeps", "--cores", $"{cores}");

    [Test]
    public void Section5_Timers([Values(1, 2)] int cores) => IsAsOnLinux("timers", "--cores", $"{cores}");

    /// <summary>What fork, exec, threads, stops and signals do to timers.</summary>
    [Test]
    public void Section5_LivesOfTimers([Values(1, 2)] int cores) => IsAsOnLinux("timer_lives", "--cores", $"{cores}");

    /// <summary>What threads, exec, vfork and death do to namespaces, and what /proc says of them to whom.</summary>
    [Test]
    public void Section2_7_LivesOfNamespaces([Values(1, 2)] int cores) => IsAsOnLinux("namespace_lives", "--cores", $"{cores}");

    /// <summary>What the C library makes of the clocks, in the first namespace and in another.</summary>
    [Test]
    public void Section5_LibraryFunctions() => IsAsOnLinux("library", "--cores", "2");

    /// <summary>How long calls with a timeout wait, interrupted and stopped ones too.</summary>
    [Test]
    public void Section5_Timeouts() => IsAsOnLinux("timeouts");

    /// <summary>Timeouts of the wall clock, which no namespace moves, and the rest of mq_overview(7).</summary>
    [Test]
    public void Section5_MessageQueues([Values(1, 2)] int cores) => IsAsOnLinux("messages", "--cores", $"{cores}");

    /// <summary>The battery-backed clock as a file; rtc(4).</summary>
    [Test]
    public void RealTimeClock() => IsAsOnLinux("rtc", "--cores", "2");

    /// <summary>
    /// Timekeeping reference, sections 1 and 6: without ARAT (clearcpuid=450) local timers stop in C2, and the HPET wakes their CPUs in one-shot
    /// mode; /proc/timer_list names the devices as Linux with the same parameter does.
    /// </summary>
    [Test]
    public void Timekeeping6_BroadcastInC2() => IsAsOnLinux("broadcast", "--cores", "2", "--os-cmdline", "clearcpuid=450 idle=c2");

    [Test]
    public void Section5_Futexes([Values(1, 4)] int cores) => IsAsOnLinux("futexes", "--cores", $"{cores}");
}
