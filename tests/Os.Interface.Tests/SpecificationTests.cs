namespace CoSim.Os.Interface.Tests;

/// <summary>
/// Programs that ask about a section of the time namespace reference, or about another part of the interface of time; every line
/// of their answers must be that of Debian's Linux 6.1.192, from which Expected/*.txt were recorded.
/// </summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
public sealed class SpecificationTests
{
    private static void IsAsOnLinux(string name, params string[] options)
    {
        InterfaceProgram.Result r = InterfaceProgram.Run(InterfaceProgram.Compile(name), options);
        Assert.That(r.Output, Is.EqualTo(InterfaceProgram.Expected(name)));
        Assert.That(r.Status, Is.Zero);
    }

    [Test]
    public void Section2_4_7_Namespaces() => IsAsOnLinux("namespaces", "--cores", "2");

    [Test]
    public void Section2_UserNamespaces() => IsAsOnLinux("users");

    [Test]
    public void Section3_TimensOffsets() => IsAsOnLinux("timens_offsets");

    [Test]
    public void Section5_Clocks() => IsAsOnLinux("clocks");

    [Test]
    public void Section5_Futexes([Values(1, 4)] int cores) => IsAsOnLinux("futexes", "--cores", $"{cores}");
}
