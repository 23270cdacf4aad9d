using CoSim.Traces.Export;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests.Export;

/// <summary>
/// Every exporter's output for one trace, byte by byte. The files were looked at in the programs that they are for; COSIM_WRITE_GOLDEN names
/// a folder that receives the outputs of this build.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string[] OfInstructions = ["collapsed", "pprof", "kanata", "o3"];

    private static IEnumerable<string> Formats => TraceExporters.All.Select(f => f.Name).Where(n => n != "sqlite" && !OfInstructions.Skip(1).Contains(n));

    [TestCaseSource(nameof(Formats))]
    public void TheOutputIsTheGoldenFile(string format) => Compare("sample." + format, Exported.Bytes(format, ExportSample.Trace()), format == "perfetto");

    [TestCaseSource(nameof(OfInstructions))]
    public void TheOutputOfInstructionsIsTheGoldenFile(string format) => Compare("pipeline." + format, Exported.Bytes(format, PipelineSample.Trace()), format == "pprof");

    [TestCase("pprof", "it holds no instructions")]
    [TestCase("kanata", "it holds no micro-ops")]
    [TestCase("o3", "it holds no micro-ops")]
    public void ATraceWithoutInstructionsIsRefusedWhereTheyAreNeeded(string format, string message) =>
        Assert.That(() => Exported.Bytes(format, ExportSample.Trace()), Throws.TypeOf<TraceFormatException>().With.Message.StartsWith(message));

    private static void Compare(string name, byte[] output, bool isBinary)
    {
        if (Environment.GetEnvironmentVariable("COSIM_WRITE_GOLDEN") is { Length: > 0 } folder)
            File.WriteAllBytes(Path.Combine(folder, name), output);
        byte[] golden = File.ReadAllBytes(Path.Combine(TestContext.CurrentContext.TestDirectory, "Export", "Golden", name));
        if (isBinary)
            Assert.That(output, Is.EqualTo(golden));
        else
            Assert.That(System.Text.Encoding.UTF8.GetString(output), Is.EqualTo(System.Text.Encoding.UTF8.GetString(golden)));
    }

    [TestCaseSource(nameof(Formats))]
    public void TheSameTraceGivesTheSameBytes(string format)
    {
        byte[] trace = SampleTrace.Write(SampleTrace.Events(21, 3_000), null);
        Assert.That(Exported.Bytes(format, trace), Is.EqualTo(Exported.Bytes(format, trace)).And.Not.Empty);
    }

    [Test]
    public void EveryFormatHasANameOfItsOwn()
    {
        Assert.That(TraceExporters.All.Select(f => f.Name), Is.Unique);
        Assert.That(TraceExporters.Find("pdf"), Is.Null);
    }

    /// <summary>Damage gives a format error or an export, never another exception.</summary>
    [Test]
    public void DamagedTracesNeverGiveAnythingElseThanAFormatError([ValueSource(nameof(AllFormats))] string format)
    {
        byte[] whole = DamagedTrace.Unpacked(OfInstructions.Contains(format) ? PipelineSample.Trace() : ExportSample.Trace());
        int refused = 0, exported = 0;
        for (int seed = 0; seed < DamagedTrace.Cases; seed++)
        {
            byte[] damaged = seed % 2 == 0 ? DamagedTrace.Of(whole, seed) : DamagedTrace.OfContent(whole, seed);
            try
            {
                _ = Exported.Bytes(format, damaged);
                exported++;
            }
            catch (TraceFormatException e)
            {
                Assert.That(e.Message, Is.Not.Empty, $"seed {seed}");
                refused++;
            }
        }

        Assert.That(Math.Min(refused, exported), Is.GreaterThan(DamagedTrace.Cases / 10), $"{refused} refused, {exported} exported");
    }

    private static IEnumerable<string> AllFormats => TraceExporters.All.Select(f => f.Name);
}
