using System.Text;
using CoSim.Cli.Running;

namespace CoSim.Cli.Tests;

/// <summary>Runs that end where the user says: <c>--stop-at</c>, <c>--stop-on-console</c>, <c>--stop-on</c> and <c>--stop-when</c>.</summary>
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
    [TestCase("--stop-on", "timer-expired:timer~hpet", "stopped as asked, at timer-expired:timer~hpet: timer-expired timer=hpet.timer")]
    [TestCase("--stop-when", "hpet.MAIN_CNT >= 0x10000", "stopped as asked, at hpet.MAIN_CNT >= 0x10000: hpet.MAIN_CNT is 0x1000")]
    [TestCase("--stop-when", "hpet.MAIN >= 1", "--stop-when 'hpet.MAIN': hpet has no register 'MAIN'; nearest: 'MAIN_CNT'")]
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

    [TestCase("--stop-on", "timer-expird", "no kind of events 'timer-expird'; nearest: 'timer-expired'")]
    [TestCase("--stop-on", "retire", "no kind of events 'retire'; nearest:")]
    [TestCase("--stop-on", "syscall:number=1", "syscall has no field 'number'; nearest: 'nr'; possible: core, rip, nr, a0")]
    [TestCase("--stop-on", "syscall:nr=open", "syscall.nr is a number: decimal, or hexadecimal behind 0x, not 'open'")]
    [TestCase("--stop-on", "syscall:nr~1", "syscall.nr is a number: ~ is for texts")]
    [TestCase("--stop-on", "line:line>irq", "line.line is a text: it is compared by =, != and ~ (contains)")]
    [TestCase("--stop-on", "syscall:nr", "'nr' is no FIELD=VALUE")]
    [TestCase("--stop-on", "timer-programmed:expires-in<5", "timer-programmed.expires-in is a time with its unit (5us) or 'never', not '5'")]
    [TestCase("--stop-when", "hpet.MAIN_CNT", "a condition is REGISTER [& MASK] OPERATOR VALUE")]
    [TestCase("--stop-when", "hpet.MAIN_CNT > ten", "'ten' is no number of 64 bits")]
    public void WhatCannotBeUnderstoodIsAUserError(string option, string value, string mention) =>
        CommandLine.Run("run", option, value, "--", "/bin/true").AssertUserError($"cosim: {option} '{value}': ", mention);

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
