namespace CoSim.Os.Timekeeping.Tests;

/// <summary>
/// Time namespace reference, section 2: what changed between versions, asked by semantics.c on our kernel under QEMU.
/// Parent and child write at the same time, so the order of lines is not compared.
/// </summary>
[TestFixture]
[Category("NeedsTools")]
public class SemanticsTests
{
    private static readonly string[] Always =
        ["== semantics", "caller: stayed", "clone with 0x80: not moved", "wait without __WALL: ECHILD", "wait with __WALL: 1", "== end"];

    [TestCase("5.6", "clone3: EINVAL", "vfork after unshare: EINVAL", "after exec: stayed")]
    [TestCase("6.1", "clone3: ok", "clone3 child: in a new namespace", "vfork after unshare: EINVAL", "after exec: stayed")]
    [TestCase("6.12", "clone3: ok", "clone3 child: in a new namespace", "vfork after unshare: ok", "after exec: moved")]
    public void Section2_Versions(string version, params string[] expected)
    {
        using GuestProgram program = new("semantics");
        Assert.That(program.RunOnOurs(1, "os_semantics=" + version), Is.EquivalentTo(Always.Concat(expected)));
    }

    [Test]
    public void Section2_NewRulesAreThoseOfTheHostsLinux()
    {
        using GuestProgram program = new("semantics");
        string[] linux = program.RunOnLinux();
        if (!linux.Contains("after exec: moved")) Assert.Ignore("needs a host with Linux 6.3 or later, and root");
        Assert.That(program.RunOnOurs(1, "os_semantics=6.12"), Is.EquivalentTo(linux));
    }
}
