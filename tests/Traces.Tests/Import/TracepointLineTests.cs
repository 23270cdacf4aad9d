using CoSim.Traces.Import;

namespace CoSim.Traces.Tests.Import;

/// <summary>Forms of ftrace's lines beyond those of the recordings (Linux 6.1, kernel/trace/trace_output.c, trace_print_context and trace_print_lat_context).</summary>
public sealed class TracepointLineTests
{
    [TestCase("           sleep-12345   [001] d.h1.    10.{0}: ", "           sleep-12345   [001] .....    10.{1}: ", TestName = "{m}(irq-info)")]
    [TestCase("           sleep-12345   [001]    10.{0}: ", "           sleep-12345   [001]    10.{1}: ", TestName = "{m}(noirq-info)")]
    [TestCase("           sleep-12345   (  12345) [001] d..2.    10.{0}: ", "           sleep-12345   (-------) [001] .....    10.{1}: ", TestName = "{m}(record-tgid)")]
    [TestCase("   sleep-12345     1d..1.    {0}us : ", "   sleep-12345     1..... {1}us!: ", TestName = "{m}(latency-format)")]
    public void TheColumnsOfFtrace(string enter, string exit)
    {
        TraceImport import = Recording.Import(
            ImportFormat.Ftrace,
            "# tracer: nop",
            string.Format(System.Globalization.CultureInfo.InvariantCulture, enter, "000004", "") + "sys_enter_alarm: seconds: 3",
            string.Format(System.Globalization.CultureInfo.InvariantCulture, exit, "", "000104") + "sys_exit_alarm: 0x0");
        Assert.That(import.Report.Problems, Is.Empty);
        Assert.That(import.Events.Select(e => e.ToString()), Has.One.Match("program-call call=alarm thread=12345 clock=-1 timeout=3000000000 .* duration=100000$"));
    }

    [TestCase("   sleep-12345     1d..1.    99999999999999999999us : sys_enter_alarm: seconds: 3", "time stamp out of range")]
    [TestCase("   sleep-12345     1d..1.    4ms : sys_enter_alarm: seconds: 3", "no line of a trace")]
    public void WhatCannotBeReadIsNamedByItsLine(string line, string cause)
    {
        TraceImport import = Recording.Import(ImportFormat.Ftrace, "# tracer: nop", line);
        Assert.That(import.Report.Problems.Select(p => (p.Line, p.Cause)), Is.EqualTo(new[] { (2L, cause) }));
    }
}
