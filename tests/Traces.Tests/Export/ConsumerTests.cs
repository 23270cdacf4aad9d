using System.Text.RegularExpressions;

namespace CoSim.Traces.Tests.Export;

/// <summary>Exports are opened by the programs that they are for, or by independent readers of their format.</summary>
[Category("NeedsTools")]
public sealed class ConsumerTests
{
    [Test]
    public void SqliteAnswersQueries()
    {
        string rows = Exported.Consume(
            "sqlite",
            ExportSample.Trace(),
            "sqlite3",
            "{}",
            "PRAGMA integrity_check; SELECT count(*), min(ns), max(ns) FROM event; SELECT name || '=' || value FROM fact; SELECT s.nr, printf('%x', s.a1), r.ns - s.ns FROM syscall s JOIN user_return r ON r.rip = s.rip + 2 ORDER BY s.seq; SELECT expires_in IS NULL FROM timer_programmed ORDER BY seq");
        Assert.That(rows.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[]
        {
            "ok", "30|1000|4000", "machine.model=7742", "machine.cores=2", "228|7ffe0000|300", "35|0|1400", "0", "1",
        }));
    }

    [Test]
    public void GtkWavesConverterReadsAValueChangeDump()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Exported.Bytes("vcd", ExportSample.Trace()));
            _ = Exported.Run("vcd2fst", path, path + ".fst");
            string back = Exported.Run("fst2vcd", path + ".fst");
            Match line = Regex.Match(back, @"\$var wire 1 (\S+) hpet\.timer0 \$end");
            Assert.That(line.Success, back);
            string code = Regex.Escape(line.Groups[1].Value);
            Assert.That(back, Does.Match($"#2600500\n1{code}\n").And.Match($"#3600500\n0{code}\n"));
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + ".fst");
        }
    }

    [Test]
    public void ProtocDecodesAProfile()
    {
        string text = Decode("pprof", PipelineSample.Trace(), "perftools.profiles.Profile", "profile.proto");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Regex.Count(text, @"^sample \{", RegexOptions.Multiline), Is.EqualTo(6));
            Assert.That(text, Does.Contain("string_table: \"main\"").And.Contain("string_table: \"f\"").And.Contain("string_table: \"delivery\""));
            // f's load three times, with its callers: 12 cycles of a wait for the first-level cache and 3 of retirement.
            Assert.That(text, Does.Match(@"sample \{\n  location_id: \d+\n  location_id: \d+\n  value: 3\n  value: 15\n"));
        }
    }

    [Test]
    public void GoReadsAProfile()
    {
        string[] command = Exported.Has("pprof") ? ["pprof"] : ["go", "tool", "pprof"];
        string top = Exported.Consume("pprof", PipelineSample.Trace(), command[0], [.. command.Skip(1), "-top", "-sample_index=cycles", "{}"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(top, Does.Contain("Duration: 530ns, Total samples = 194cycles"));
            // Of its own, and with those it calls.
            Assert.That(top, Does.Match(@"159cycles +81\.96% +81\.96% +174cycles +89\.69% +main\n"));
            Assert.That(top, Does.Match(@"15cycles +7\.73% +100% +15cycles +7\.73% +f\n"));
        }
    }

    /// <summary>speedscope's own importers, without its page.</summary>
    [TestCase("collapsed", true, "194 none; f 15, handler 20, main 159")]
    [TestCase("collapsed", false, "5150 none; core 0 0, core 1 0, exception 14 50, halted 2350, idle 0, interrupt 236 190, syscall clock_gettime 300, syscall nanosleep 300, system 300, user 1660")]
    [TestCase("pprof", true, "194 none; f 15, handler 20, main 159")]
    public void SpeedscopeReadsProfiles(string format, bool instructions, string expected)
    {
        string script = Path.Combine(TestContext.CurrentContext.TestDirectory, "Export", "Viewers", "speedscope.mjs");
        string folder = Path.Combine(Exported.Viewers, "package");
        if (!Directory.Exists(folder))
            Assert.Ignore("speedscope is not installed");
        string shown = Exported.Consume(format, instructions ? PipelineSample.Trace() : ExportSample.Trace(), "node", script, folder, "{}", $"profile.{format}");
        Assert.That(shown, Does.EndWith($"profile.{format}: {expected}\n"));
    }

    [Test]
    public void ProtocDecodesPerfettoWithoutAnUnknownField()
    {
        string text = Decode("perfetto", ExportSample.Trace(), "perfetto.protos.Trace", "perfetto.proto");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Regex.Count(text, "type: TYPE_SLICE_BEGIN"), Is.EqualTo(Regex.Count(text, "type: TYPE_SLICE_END")));
            Assert.That(text, Does.Contain("name: \"clock_gettime\"").And.Contain("name: \"system calls\"").And.Contain("counter_value: 1234"));
        }
    }

    private static string Decode(string format, byte[] trace, string message, string schema)
    {
        string folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Export", "Schemas");
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Exported.Bytes(format, trace));
            string text = Exported.Run("sh", "-c", $"command -v protoc >/dev/null || {{ echo absent; exit 0; }}; protoc --decode={message} -I '{folder}' {schema} < '{path}'");
            if (text == "absent\n")
                Assert.Ignore("protoc is not installed");
            Assert.That(Regex.Matches(text, @"^\s*\d+:", RegexOptions.Multiline), Is.Empty, "a field that the definitions do not have");
            return text;
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void PythonReadsTheColumns()
    {
        const string count = "import csv,sys; rows=list(csv.DictReader(open(sys.argv[1], newline=''))); print(len(rows), rows[-1]['reason'], rows[7]['nr'], len({len(r) for r in rows}))";
        Assert.That(Exported.Consume("csv", ExportSample.Trace(), "python3", "-c", count, "{}"), Is.EqualTo("30 Requested, \"as asked\" 228 1\n"));
    }

    [Test]
    public void PandasReadsTheColumnsAndTheTables()
    {
        const string csv = "import sys, pandas as p; t = p.read_csv(sys.argv[1]); s = t[t.event == 'syscall']; print(len(t), t.fs.min() // 10**6, t.fs.max() // 10**6, s.nr.astype(int).tolist(), t.core.dropna().astype(int).nunique())";
        const string sql = "import sys, sqlite3, pandas as p; t = p.read_sql('SELECT ns, nr, core FROM syscall ORDER BY seq', sqlite3.connect(sys.argv[1])); print(t.nr.tolist(), t.ns.diff().dropna().tolist())";
        if (!Exported.Succeeds("python3", "-c", "import pandas"))
            Assert.Ignore("pandas is not installed");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Exported.Consume("csv", ExportSample.Trace(), "python3", "-c", csv, "{}"), Is.EqualTo("30 1000 4000 [228, 35] 2\n"));
            Assert.That(Exported.Consume("sqlite", ExportSample.Trace(), "python3", "-c", sql, "{}"), Is.EqualTo("[228, 35] [400.0]\n"));
        }
    }
}
