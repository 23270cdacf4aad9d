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

    /// <summary>
    /// What differs from 6.1: with 6.12, exec enters and vfork and threads are allowed after unshare, as a host with Linux 6.18 answers;
    /// with 5.6, clone3 refuses CLONE_NEWTIME, offsets have numbers instead of names, and nothing is counted.
    /// </summary>
    [TestCase("5.6")]
    [TestCase("6.12")]
    public void Section2_9_OtherVersions(string version) => IsAs("namespaces-" + version, "namespaces", "--cores", "2", "--os-semantics", version);

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

    [Test]
    public void Section5_Futexes([Values(1, 4)] int cores) => IsAsOnLinux("futexes", "--cores", $"{cores}");
}
