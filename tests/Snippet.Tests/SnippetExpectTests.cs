using System.Text.Json;

namespace CoSim.Cli.Tests;

/// <summary>`--expect` and `expect`: tests in the words of snippets.</summary>
[TestFixture]
public sealed class SnippetExpectTests
{
    [TestCase("rax=12,eax=12,ax=0xc,cf=0,rip=0x10003,end=end")]
    [TestCase("[0x9000]=2a00,rbx=7,mxcsr=0x1f80,fcw=0x37f,xmm1=0,cs=8,end=END")]
    public void What_holds_gives_status_zero(string expected)
    {
        CommandLine.Result result = CommandLine.Run(["snippet", "4801d8", "--set", "rax=5,rbx=7", "--map", "0x9000:4096:hex=2a", "--expect", expected]);
        Assert.That((result.Status, result.Error), Is.EqualTo((0, "")), result.Output);
    }

    [TestCase("rax=13", "expected rax = 0xd, found 0xc")]
    [TestCase("zf=1", "expected zf = 0x1, found 0x0")]
    [TestCase("[0x9000]=2a01", "expected [0x9000] = 2a01, found 2a00")]
    [TestCase("[0x5000]=00", "expected [0x5000] = 00, found not mapped")]
    [TestCase("st0=1", "expected st0 = 0x3fff8000000000000000, found empty")]
    [TestCase("end=#pf", "expected end = #PF, found end")]
    public void What_does_not_hold_is_told(string expected, string told)
    {
        CommandLine.Result result = CommandLine.Run(["snippet", "4801d8", "--set", "rax=5,rbx=7", "--map", "0x9000:4096:hex=2a", "--expect", expected]);
        Assert.That((result.Status, result.Error), Is.EqualTo((1, "")));
        Assert.That(result.Output, Does.Contain(told));
    }

    [Test]
    public void Exception_that_is_expected_is_no_failure()
    {
        string[] division = ["snippet", "48f7f1", "--set", "rax=7,rdx=9,rcx=5"];
        Assert.That(CommandLine.Run(division).Status, Is.EqualTo(3));
        Assert.That(CommandLine.Run([.. division, "--expect", "rax=7"]).Status, Is.EqualTo(3));
        Assert.That(CommandLine.Run([.. division, "--expect", "rax=7,end=#DE"]).Status, Is.Zero);
        Assert.That(CommandLine.Run([.. division, "--expect", "end=#GP"]).Status, Is.EqualTo(1));
    }

    [TestCase("rax", "write REGISTER=VALUE")]
    [TestCase("tsc=0", "does not hold tsc")]
    [TestCase("end=#XY", "must be one of")]
    [TestCase("end=3", "must be one of")]
    [TestCase("[0x9000]=", "there are no bytes")]
    [TestCase("[9000h]=00", "write [ADDRESS]=BYTES")]
    [TestCase("nosuch=1", "no such register")]
    public void Mistakes_are_named(string expected, string told)
    {
        CommandLine.Result result = CommandLine.Run(["snippet", "90", "--expect", expected]);
        Assert.That(result.Status, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("expect").And.Contain(told));
    }

    [Test]
    public void File_of_tests_says_which_failed()
    {
        using TemporaryDirectory directory = new();
        string file = directory.Write("expect.jsonl", """
            {"name":"good","code":"4801d8","set":{"rax":5,"rbx":7},"expect":{"rax":12}}
            {"name":"bad","code":"4801d8","set":{"rax":5,"rbx":7},"expect":{"rax":"0xd","end":"end"}}
            {"name":"none","code":"90"}
            """u8);
        CommandLine.Result result = CommandLine.Run(["snippet", "--file", file]);
        Assert.That((result.Status, result.Error), Is.EqualTo((1, "")));
        JsonElement[] lines = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.That(lines[0].GetProperty("unmet").GetArrayLength(), Is.Zero);
        Assert.That(lines[1].GetProperty("unmet").GetRawText(), Is.EqualTo("""[{"what":"rax","expected":"0xd","found":"0xc"}]"""));
        Assert.That(lines[2].TryGetProperty("unmet", out _), Is.False);
    }
}
