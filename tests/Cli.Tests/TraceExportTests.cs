using CoSim.Cli.Trace;
using CoSim.Hw.Simulation;
using CoSim.Traces.Export;
using CoSim.Traces.Format;

namespace CoSim.Cli.Tests;

/// <summary>`cosim trace export`.</summary>
[TestFixture]
public sealed class TraceExportTests
{
    [Test]
    public void EveryFormatIsWritten([ValueSource(nameof(Formats))] string format)
    {
        using TemporaryDirectory directory = new();
        string trace = Trace(directory), output = directory.File("out");
        CommandLine.Result result = CommandLine.Run("trace", "export", trace, "--format", format, "-o", output);
        Assert.That((result.Status, result.Output), Is.EqualTo((0, "")), result.Error);
        Assert.That(result.Error, Is.EqualTo($"cosim: {output}: {new FileInfo(output).Length} bytes of {format}{Environment.NewLine}"));
        Assert.That(new FileInfo(output).Length, Is.GreaterThan(0));
    }

    [Test]
    public void OnlyTheWantedEventsAreExported()
    {
        using TemporaryDirectory directory = new();
        string output = directory.File("out.csv");
        Assert.That(CommandLine.Run("trace", "export", Trace(directory), "--format", "csv", "--kinds", "line", "--from", "0.000000002", "-o", output).Status, Is.Zero);
        string[] lines = File.ReadAllLines(output);
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[1], Does.StartWith("2000000,line,").And.Contain("hpet.timer0"));
    }

    [Test]
    public void MistakesAreUserErrorsAndLeaveNoFile()
    {
        using TemporaryDirectory directory = new();
        string trace = Trace(directory), output = directory.File("out");
        CommandLine.Run("trace", "export", trace, "--format", "pdf", "-o", output).AssertUserError("--format", "perfetto, vcd, csv");
        CommandLine.Run("trace", "export", trace, "--format", "csv", "-o", trace).AssertUserError("is the trace itself");
        byte[] bytes = File.ReadAllBytes(trace);
        bytes[TraceFile.Read(trace, t => t.Blocks[0].Offset) + 30] ^= 1;
        File.WriteAllBytes(trace, bytes);
        CommandLine.Run("trace", "export", trace, "--format", "vcd", "-o", output).AssertUserError("the checksum of the frame");
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(output)!), Is.EqualTo(new[] { trace }));
    }

    private static IEnumerable<string> Formats => TraceExporters.All.Select(f => f.Name);

    private static string Trace(TemporaryDirectory directory)
    {
        string path = directory.File("small.trace");
        using FileStream file = File.Create(path);
        TraceWriter writer = new(file, new TraceHeader(TraceLevel.Pipeline, [new(TraceHeader.CoreClockFact, "2250000000 Hz")], TraceEvents.All));
        for (uint nanosecond = 1; nanosecond <= 2; nanosecond++)
        {
            TraceEvent e = new(TraceEvents.Line, SimTime.FromFemtoseconds((UInt128)nanosecond * SimDuration.FemtosecondsPerNanosecond)) { Text = "hpet.timer0" };
            e.Values[1] = nanosecond & 1;
            writer.Write(in e);
        }

        TraceEvent op = new(TraceEvents.MicroOp, SimTime.Zero), instruction = new(TraceEvents.Retire, SimTime.Zero);
        op.Values[9] = instruction.Values[2] = instruction.Values[3] = 5;
        writer.Write(in op);
        writer.Write(in instruction);
        writer.Finish();
        return path;
    }
}
