using System.Globalization;
using System.Text;
using CoSim.Traces.Export;
using CoSim.Traces.Format;
using Microsoft.Data.Sqlite;

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

    /// <summary>The bytes of a database depend on the library that writes it; its tables, views and rows do not.</summary>
    [Test]
    public void TheContentOfTheDatabaseIsTheGoldenFile()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"golden-{Environment.ProcessId}.sqlite");
        try
        {
            File.WriteAllBytes(path, Exported.Bytes("sqlite", ExportSample.Trace()));
            Compare("sample.sqlite.txt", Encoding.UTF8.GetBytes(Dump(path)), isBinary: false);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Dump(string path)
    {
        StringBuilder text = new();
        using SqliteConnection database = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        database.Open();
        List<string> names = [];
        foreach (object[] row in Rows(database, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"))
        {
            names.Add((string)row[0]);
            _ = text.Append(CultureInfo.InvariantCulture, $"{row[1]}\n");
        }

        foreach (string name in names)
        {
            foreach (object[] row in Rows(database, $"SELECT * FROM \"{name}\""))
                _ = text.Append(CultureInfo.InvariantCulture, $"{name}: {string.Join('|', row.Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)))}\n");
        }
        return text.ToString();
    }

    private static IEnumerable<object[]> Rows(SqliteConnection database, string query)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = query;
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            object[] row = new object[reader.FieldCount];
            _ = reader.GetValues(row);
            yield return row;
        }
    }

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
