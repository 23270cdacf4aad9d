using System.Globalization;
using System.Text.RegularExpressions;

namespace CoSim.Machine.Tests.Timekeeping;

/// <summary>Timekeeping reference, section 6: the tick in its modes, as /proc/timer_list, /proc/interrupts and the log show it.</summary>
[Category("NeedsTools")]
public sealed class TickTests
{
    private const string Report = """
        PATH=/bin; b='busybox'
        $b sleep 1
        $b echo == interrupts
        $b cat /proc/interrupts
        $b sleep 2
        $b echo == later
        $b cat /proc/interrupts
        $b sleep 50 &
        $b sleep 0.1
        $b echo == list
        $b cat /proc/timer_list
        $b echo == dmesg
        $b dmesg
        """;

    private static string[] Part(string[] lines, string name) => [.. lines.SkipWhile(l => l != "== " + name).Skip(1).TakeWhile(l => !l.StartsWith("== ", StringComparison.Ordinal))];

    private static long Count(string[] interrupts, string label, int cpu)
    {
        string line = interrupts.Single(l => l.TrimStart().StartsWith(label + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[cpu + 1], CultureInfo.InvariantCulture);
    }

    private static long Grown(string[] lines, string label, int cpu) => Count(Part(lines, "later"), label, cpu) - Count(Part(lines, "interrupts"), label, cpu);

    [Test]
    public void Section6_HighResolutionAndIdleWithoutTicks()
    {
        string[] lines = IdleMachine.Shell(2, "", Report, 6000);
        string[] list = Part(lines, "list");
        Assert.That(list[0], Is.EqualTo("Timer List Version: v0.9"));
        Assert.That(list, Has.Some.EqualTo("  .nohz_mode      : 2").And.Some.EqualTo("  .resolution: 1 nsecs").And.Some.EqualTo("  .hres_active    : 1"));
        Assert.That(list, Has.Some.EqualTo(" event_handler:  hrtimer_interrupt").And.Some.EqualTo("Per CPU device: 1").And.Some.EqualTo("Broadcast device"));
        Assert.That(list, Has.Some.Match(@"^ #\d: <[0-9a-f]{16}>, hrtimer_wakeup, S:01$").And.Some.Match("tick_sched_timer"));
        Assert.That(Grown(lines, "LOC", 0) + Grown(lines, "LOC", 1), Is.LessThan(100), "two seconds of sleep are not 1000 ticks");
        Assert.That(Grown(lines, "0", 0), Is.Zero, "the HPET is silent once the local timers run");
    }

    [Test]
    public void Section6_TimersAreListedInTheOrderOfTheirExpiry()
    {
        string[] list = Part(IdleMachine.Shell(1, "", "PATH=/bin; for t in 40 10 30 20; do busybox sleep $t & done; busybox sleep 0.2\nbusybox echo == list; busybox cat /proc/timer_list", 3000), "list");
        int from = Array.IndexOf(list, "active timers:");
        long[] expiries = [.. list.Skip(from + 1).TakeWhile(l => l.StartsWith(" #", StringComparison.Ordinal)).Where(l => l.Contains("expires", StringComparison.Ordinal))
            .Select(l => long.Parse(Regex.Match(l, @"expires at (\d+)-").Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.That(expiries, Has.Length.GreaterThanOrEqualTo(4));
        Assert.That(expiries, Is.Ordered);
    }

    [Test]
    public void Section6_NohzOffKeepsTheTick()
    {
        string[] lines = IdleMachine.Shell(1, "nohz=off", Report, 6000);
        Assert.That(Grown(lines, "LOC", 0), Is.EqualTo(500).Within(40));
        Assert.That(Part(lines, "list"), Has.Some.EqualTo("  .idle_sleeps    : 0").And.Some.EqualTo("  .nohz_mode      : 0").And.Some.EqualTo("  .hres_active    : 1"));
    }

    [Test]
    public void Section6_HighresOffLeavesThePeriodicTick()
    {
        string[] lines = IdleMachine.Shell(1, "highres=off", Report, 6000);
        Assert.That(Grown(lines, "LOC", 0), Is.EqualTo(500).Within(40));
        Assert.That(Part(lines, "list"), Has.Some.EqualTo("  .resolution: 4000000 nsecs").And.Some.EqualTo(" event_handler:  tick_handle_periodic"));
    }

    /// <summary>Without the local timer the HPET ticks on the boot CPU, and the others get its ticks as interrupts of theirs.</summary>
    [TestCase("nolapic_timer", "hpet")]
    [TestCase("nolapic_timer hpet=disable", "pit")]
    public void Section6_BroadcastOfTheTick(string parameters, string device)
    {
        string[] lines = IdleMachine.Shell(2, parameters, Report, 7000);
        Assert.That(Part(lines, "dmesg"), Has.Some.EndsWith("] Disabling APIC timer"));
        Assert.That(Grown(lines, "0", 0), Is.EqualTo(500).Within(40));
        Assert.That(Grown(lines, "LOC", 1), Is.EqualTo(500).Within(40));
        string[] list = Part(lines, "list");
        Assert.That(list, Has.Some.EqualTo("tick_broadcast_mask: 2").And.Some.EqualTo("Clock Event Device: " + device));
        Assert.That(list, Has.Some.EqualTo(" event_handler:  clockevents_handle_noop"));
    }

    [Test]
    public void InterruptsHaveLinuxColumns()
    {
        string[] rows = Part(IdleMachine.Shell(2, "", Report, 6000), "interrupts");
        Assert.That(rows[0], Is.EqualTo("           CPU0       CPU1       "));
        Assert.That(rows[1], Does.Match(@"^  0: +\d+ +\d+   IO-APIC   2-edge      timer$"));
        Assert.That(rows.Select(r => r[..4]), Is.SupersetOf(new[] { "NMI:", "LOC:", "SPU:", "RES:", "CAL:", "TLB:", "ERR:", "MIS:" }));
        Assert.That(rows.Single(r => r.StartsWith("LOC", StringComparison.Ordinal)), Does.Match(@"^LOC: [ \d]{10} [ \d]{10}   Local timer interrupts$"));
    }

    [TestCase("", @"Calibrating delay loop \(skipped\), value calculated using timer frequency\.\. 4[45]\d\d\.\d\d BogoMIPS \(lpj=(89|90)\d{5}\)$")]
    [TestCase("lpj=4000000", @"Calibrating delay loop \(skipped\) preset value\.\. 2000\.00 BogoMIPS \(lpj=4000000\)$")]
    public void DelayLoopIsReportedAsOnLinux(string parameters, string expected)
    {
        using Bench bench = IdleMachine.Create(1, parameters);
        IdleMachine.RunTo(bench, 1000);
        Assert.That(IdleMachine.LogFrom(bench, "Calibrating delay loop")[0], Does.Match(expected));
    }
}
