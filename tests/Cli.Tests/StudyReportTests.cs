using System.Text.Json;
using CoSim.Cli.Options;
using CoSim.Cli.Study;
using CoSim.Cli.Terminal;
using CoSim.Hw.Board;

namespace CoSim.Cli.Tests;

/// <summary>Table, listing and JSON of a small report whose numbers are known.</summary>
[TestFixture]
public sealed class StudyReportTests
{
    private static readonly StudyConfiguration Configuration = new(1, Clocksource.Tsc, NamespaceKind.Root, CallPath.Vdso, CacheState.Warm);

    [Test]
    public void TableInAPipeIsPlain()
    {
        StringWriter output = new();
        new Screen(output, null).Write(StudyTable.Build(Report()));
        string[] lines = output.ToString().Split(Environment.NewLine);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[0], Does.StartWith("clocksource  timens  path  clock      cache  calls  insns  min  median  p99  max cycles"));
            Assert.That(lines[1], Is.EqualTo("tsc          root    vdso  monotonic  warm       2    2.0   45      45   90          90  20.0    20.0  40.0    40.0"));
            Assert.That(output.ToString(), Does.Not.Contain('\u001b'));
        }
    }

    [Test]
    public void ListingNamesInstructionSymbolSourceAndCause()
    {
        StringWriter output = new();
        StudyReport report = Report();
        StudyListing.Write(report, report.Spans.Find(Configuration)!, new Screen(output, null));
        string text = output.ToString();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.StartWith("monotonic/tsc/root/vdso/warm: 2 calls, 135 cycles, attributed 135"));
            Assert.That(text, Does.Match(@"92\.6 %  l1"));
            Assert.That(text, Does.Match(@"125 +62\.5 +2 +20 +90 +nop +function\+0 +Kernel/Time\.cs:7 +l1 125"));
            Assert.That(text, Does.Match(@"10 +5\.0 +2 +21 +90 +nop +function\+1 +retiring 10"));
        }
    }

    [Test]
    public void JsonHoldsEverythingExactly()
    {
        using JsonDocument document = JsonDocument.Parse(Json());
        JsonElement root = document.RootElement;
        JsonElement configuration = root.GetProperty("configurations")[0];
        JsonElement instruction = configuration.GetProperty("instructions")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(root.GetProperty("schema").GetString(), Is.EqualTo("cosim.study.clock-gettime/1"));
            Assert.That(root.GetProperty("machine").GetProperty("model").GetString(), Is.EqualTo("EPYC 7742"));
            Assert.That(root.GetProperty("unattributedCycles").GetUInt64(), Is.Zero);
            Assert.That(configuration.GetProperty("clock").GetString(), Is.EqualTo("monotonic"));
            Assert.That(configuration.GetProperty("samples").EnumerateArray().Select(s => s.GetUInt64()), Is.EqualTo(new ulong[] { 45, 90 }));
            Assert.That(configuration.GetProperty("cycles").GetProperty("sum").GetUInt64(), Is.EqualTo(135));
            Assert.That(configuration.GetProperty("nanoseconds").GetProperty("max").GetRawText(), Is.EqualTo("40.000"));
            Assert.That(configuration.GetProperty("cyclesByCause").EnumerateObject().Sum(c => (long)c.Value.GetUInt64()), Is.EqualTo(135));
            Assert.That(instruction.GetProperty("address").GetString(), Is.EqualTo("0x20"));
            Assert.That(instruction.GetProperty("line").GetInt32(), Is.EqualTo(7));
        }
    }

    [Test]
    public void SameReportGivesSameBytes() => Assert.That(Json(), Is.EqualTo(Json()));

    [Test]
    public void FileIsWholeOrAbsent()
    {
        using TemporaryDirectory directory = new();
        string path = directory.File("report.json");
        Assert.That(() => WholeFile.Write(path, _ => throw new InvalidOperationException("in the middle")), Throws.InvalidOperationException);
        Assert.That(directory.Names, Is.Empty);
        WholeFile.Write(path, stream => StudyJson.Write(Report(), null, stream));
        Assert.That(directory.Names, Is.EqualTo(new[] { "report.json" }));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(Json()));
    }

    private static byte[] Json()
    {
        MemoryStream stream = new();
        StudyJson.Write(Report(), null, stream);
        return stream.ToArray();
    }

    private static StudyReport Report()
    {
        SpanCollector spans = new(1, ["retiring", "l1"]);
        for (uint call = 0; call < 2; call++)
        {
            ulong id = new SpanId(Configuration, call).Pack();
            ulong cycles = 45 * (call + 1);
            spans.Begin(0, id, 1000);
            spans.Charge(0, 0x20, 1, cycles - 5);
            spans.Retire(0, 0x20);
            spans.Charge(0, 0x21, 0, 5);
            spans.Retire(0, 0x21);
            spans.End(0, id, 1000 + cycles);
        }
        StudyChoice study = new(2, [1], [Clocksource.Tsc], [NamespaceKind.Root], [CallPath.Vdso], [CacheState.Warm], Configuration, null);
        return new StudyReport("CoSim", new MachineChoice(EpycModel.All[0], 1, 256UL << 20, 1, EngineKind.Detailed), study, spans, new OneFunction());
    }

    private sealed class OneFunction : ICodeMap
    {
        public CodeLocation Locate(ulong address, byte[] memory) => new("vdso", "function", address - 0x20, "/os/Kernel/Time.cs", 7, [0x90], "nop");
    }
}
