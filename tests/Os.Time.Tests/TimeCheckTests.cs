namespace CoSim.Os.Timekeeping.Tests;

/// <summary>
/// Linux as oracle: timecheck.c asks some three hundred questions about clocks, sleeps, timers and time namespaces. It runs on
/// this host's Linux and, under QEMU, on our kernel; the answers must be the same.
/// </summary>
[TestFixture]
[Category("NeedsTools")]
public class TimeCheckTests
{
    [Test]
    public void SameAnswersAsLinux([Values(1, 4)] int cpus)
    {
        using GuestProgram program = new("timecheck");
        string[] linux = program.RunOnLinux();
        if (linux.Any(l => l == "unshare: EPERM")) Assert.Ignore("needs a host where namespaces may be made (root)");
        Assert.That(linux, Has.Some.EqualTo("== end"));
        Assert.That(program.RunOnOurs(cpus, ""), Is.EqualTo(linux));
    }
}
