using System.Text;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests;

/// <summary>What init in the guest is told.</summary>
[TestFixture]
public sealed class InitJobTests
{
    [Test]
    public void WordsEndWithNul() =>
        Assert.That(Text(new InitJob(["/bin/echo", "a b", "", "\"ä\""], null, Echo: true)), Is.EqualTo("--\0/bin/echo\0a b\0\0\"ä\"\0"));

    [Test]
    public void OptionsComeFirst() =>
        Assert.That(Text(new InitJob(["x"], "monotonic=5", Echo: false)), Is.EqualTo("--no-echo\0--timens\0monotonic=5\0--\0x\0"));

    [Test]
    public void ProgramsBeforeTheLastAreCounted() => Assert.That(
        Text(new InitJob(["/bin/c"], null, Echo: true) { Before = [["/bin/a", "--", "x"], ["/bin/b"]] }),
        Is.EqualTo("--before\03\0/bin/a\0--\0x\0--before\01\0/bin/b\0--\0/bin/c\0"));

    [Test]
    public void NulIsRefused() => Assert.That(() => new InitJob(["a\0b"], null, true).ToFile(), Throws.InstanceOf<BadInputException>());

    [Test]
    public void CommandLineHandsTheRestToInit() =>
        Assert.That(new OsCommandLine().Add("console=ttyS0").Add("quiet").AddInitArguments(["@/job"]).ToString(), Is.EqualTo("console=ttyS0 quiet -- @/job"));

    private static string Text(InitJob job) => Encoding.UTF8.GetString(job.ToFile());
}
