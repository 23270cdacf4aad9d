using System.Text;
using CoSim.Cli.Running;

namespace CoSim.Cli.Tests;

/// <summary>Runs that end where the user says: <c>--stop-at</c> and <c>--stop-on-console</c>.</summary>
public sealed class StopTests
{
    [Test]
    public void ATextIsFoundWhereItEndsFirst([Range(1, 200)] int seed)
    {
        Random random = new(seed);
        string text = Word(random, random.Next(1, 6)), all = Word(random, 60);
        TextWatch watch = new(text);
        int found = -1;
        byte[] bytes = Encoding.UTF8.GetBytes(all);
        for (int i = 0; i < bytes.Length && found < 0; i++)
        {
            if (watch.Take(bytes[i]))
                found = i + 1 - text.Length;
        }

        Assert.That(found, Is.EqualTo(all.IndexOf(text, StringComparison.Ordinal)), $"'{text}' in '{all}'");
    }

    [Category("NeedsTools")]
    [TestCase("--stop-at", "33333333ns", "stopped as asked, at 0.033333333 s")]
    [TestCase("--stop-at", "1000000", "stopped as asked, at instruction 1000000")]
    [TestCase("--stop-at", "clock_read_never", "--stop-at 'clock_read_never': no such symbol")]
    [TestCase("--stop-on-console", "clocksource", "stopped as asked, at the console text 'clocksource'")]
    public void ARunEndsThereAndSoDoesItsReplay(string option, string value, string said)
    {
        CosimProcess.RequireBusybox();
        using TemporaryDirectory directory = new();
        string trace = directory.File("a.trace");
        CommandLine.Result run = CosimProcess.Run("", "run", "--verbose", option, value, "--record", trace, "--", "/bin/busybox", "date", "+program");
        bool valid = !said.StartsWith("--", StringComparison.Ordinal);
        Assert.That(run.Status, Is.EqualTo(valid ? 0 : 2), run.Error);
        Assert.That(run.Error, Does.Contain(said));
        Assert.That(run.Output, Does.Not.Contain("program"));
        if (valid)
            Assert.That(CosimProcess.Run("", "replay", trace).Output, Does.StartWith("the same: "));
    }

    [Test]
    [Category("NeedsTools")]
    public void AnEndThatTheProgramDoesNotLiveToSeeIsNamed()
    {
        CosimProcess.RequireBusybox();
        CommandLine.Result run = CosimProcess.Run("", "run", "--stop-at", "900s", "--stop-on-console", "no such text", "--", "/bin/busybox", "false");
        Assert.That(run.Error, Does.Contain("the run ended before 900.000000000 s or the console text 'no such text'"));
        Assert.That(run.Status, Is.EqualTo(1));
    }

    private static string Word(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "ab"[random.Next(2)]));
}
