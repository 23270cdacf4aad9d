using System.Text;
using CoSim.Traces.Import;

namespace CoSim.Traces.Tests.Import;

/// <summary>Damaged recordings: every line is understood or counted, and nothing else happens.</summary>
public sealed class ImportFuzzTests
{
    private const int ShownLines = 40;

    /// <summary>2,000 damaged recordings here; COSIM_FUZZ_CASES asks for more.</summary>
    [Test]
    public void ADamagedRecordingIsReadToItsEnd()
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable("COSIM_FUZZ_CASES"), out int more) ? more : 2_000;
        string[][] samples = [.. Recording.Names().Select(Recording.Lines)];
        long problems = 0;
        for (int seed = 0; seed < cases; seed++)
        {
            Random random = new(seed);
            string[] sample = samples[random.Next(samples.Length)];
            int start = random.Next(Math.Max(1, sample.Length - ShownLines));
            string text = Damage(string.Join('\n', sample.Skip(start).Take(ShownLines)), random);
            RecordingLines lines = new(new StringReader(text));
            ImportFormat format = TraceImport.Detect(lines.Head) ?? (ImportFormat)random.Next(TraceImport.FormatNames.Count);
            TraceImport import = TraceImport.Read(lines.All(), format);
            ImportReport report = import.Report;
            Assert.That(report.Understood + report.Silent + report.NotUnderstood, Is.EqualTo(report.Lines), $"seed {seed}");
            Assert.That(report.Problems.Sum(_ => 1L), Is.EqualTo(report.NotUnderstood), $"seed {seed}");
            Assert.That(import.Events.Select(e => e.Time), Is.Ordered, $"seed {seed}");
            import.Write(Stream.Null);
            problems += report.NotUnderstood;
        }

        Assert.That(problems, Is.GreaterThan(cases / 2), "damage must be noticed");
    }

    [Test]
    public void OverlongAndBinaryLinesAreCountedAndCut()
    {
        string text = "1 1.0 alarm(1) = 0\n" + new string('x', 5_000_000) + "\n" + "\0\u0001\uFFFD\n1 2.0 alarm(1) = 0";
        RecordingLines lines = new(new StringReader(text));
        ImportReport report = TraceImport.Read(lines.All(), ImportFormat.Strace).Report;
        Assert.That((report.Lines, report.Understood), Is.EqualTo((4, 2)));
        Assert.That(report.Problems[0].Cause, Is.EqualTo("longer than 65536 characters"));
    }

    private static string Damage(string text, Random random)
    {
        const string favourites = "0123456789.-<>()[]{}=,\"\\/ \n:xE?+";
        StringBuilder damaged = new(text);
        for (int n = random.Next(1, 12); n > 0 && damaged.Length > 0; n--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] = favourites[random.Next(favourites.Length)];
                    break;
                case 1:
                    damaged.Remove(at, Math.Min(random.Next(1, 30), damaged.Length - at));
                    break;
                case 2:
                    damaged.Insert(at, new string(favourites[random.Next(favourites.Length)], random.Next(1, 40)));
                    break;
                default:
                    int from = random.Next(text.Length);
                    damaged.Insert(at, text.AsSpan(from, Math.Min(20, text.Length - from)));
                    break;
            }
        }

        return damaged.ToString();
    }
}
