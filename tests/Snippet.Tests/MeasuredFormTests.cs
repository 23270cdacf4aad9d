using System.Globalization;
using System.Numerics;
using CoSim.Cli.Snippets;
using CoSim.Hw.Board;

namespace CoSim.Cli.Tests;

/// <summary>
/// Instructions as measured on Zen 2, through the same path as `cosim snippet --engine detailed`. COSIM_SNIPPET_FORMS=all takes
/// every row of the table, and lists those that differ; otherwise an even choice.
/// </summary>
[TestFixture]
public sealed class MeasuredFormTests
{
    private const int Chosen = 300, Hundred = 100;

    private static bool All => Environment.GetEnvironmentVariable("COSIM_SNIPPET_FORMS") == "all";

    [Test]
    public void Independent_executions_start_as_often_as_measured()
    {
        Tally all = Compare([.. MeasuredForm.Load().Where(f => f.Throughput > 0).Select(f => (f, f.Independent(), f.Throughput))]);
        all.Check(close: 95, near: 94);
    }

    [Test]
    public void Dependent_executions_take_the_measured_latency()
    {
        Tally all = Compare([.. MeasuredForm.Load().Where(f => f.Latency > 0).Select(f => (f, f.Chain() is { } code ? (code, 1) : ((byte[], int)?)null, f.Latency * Hundred))]);
        all.Check(close: 98, near: 97);
    }

    /// <summary>Forms, those within a cycle, and those within a tenth or a tenth of a cycle.</summary>
    private readonly record struct Tally(int Forms, int Close, int Near)
    {
        private const int FewestForms = 200;

        public Tally Add(bool close, bool near) => new(Forms + 1, Close + (close ? 1 : 0), Near + (near ? 1 : 0));

        /// <summary>At least so many percent agree.</summary>
        public void Check(int close, int near)
        {
            TestContext.Out.WriteLine($"{Forms} forms: {Close} within a cycle, {Near} within a tenth or a tenth of a cycle");
            Assert.That(Forms, Is.GreaterThanOrEqualTo(FewestForms));
            Assert.That(Close * Hundred / Forms, Is.GreaterThanOrEqualTo(close), "percent within a cycle");
            Assert.That(Near * Hundred / Forms, Is.GreaterThanOrEqualTo(near), "percent within a tenth, or a tenth of a cycle");
        }
    }

    private static Tally Compare(IReadOnlyList<(MeasuredForm Form, (byte[] Bytes, int Copies)? Code, int Expected)> rows)
    {
        (MeasuredForm Form, (byte[] Bytes, int Copies)? Code, int Expected)[] usable = [.. rows.Where(r => r.Code is not null)];
        int step = All ? 1 : Math.Max(1, usable.Length / Chosen);
        Tally all = default;
        using SnippetRunner runner = new(EpycModel.All[0]);
        for (int n = 0; n < usable.Length; n += step)
        {
            (MeasuredForm form, (byte[] Bytes, int Copies)? code, int expected) = usable[n];
            (byte[] bytes, int copies) = code!.Value;
            SnippetResult result = runner.Run(SnippetReader.Read(Words(bytes), SnippetPlace.CommandLine));
            if (result.Timing!.Loop is not { } loop)
            {
                TestContext.Out.WriteLine($"not measured: {form.Text}: {result.Timing.NoLoop}; {result.End} {result.Exception}");
                continue;
            }
            // Hundredths of a cycle, exact.
            Fraction cycles = new(loop.CyclesPerIteration.Numerator * Hundred, loop.CyclesPerIteration.Denominator * copies);
            BigInteger difference = BigInteger.Abs(cycles.Numerator - (cycles.Denominator * expected));
            bool isClose = difference <= cycles.Denominator * Hundred;
            bool isNear = difference <= cycles.Denominator * Math.Max(Hundred / 10, expected / 10);
            all = all.Add(isClose, isNear);
            if (All ? !isNear : !isClose)
                TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{form.Text}: {(cycles / Hundred).ToDecimal(2)}, measured {new Fraction(expected, Hundred).ToDecimal(2)}{(loop.IsSteady ? "" : ", not steady")}"));
        }
        return all;
    }

    private static SnippetWords Words(byte[] code) => new()
    {
        Code = Convert.ToHexString(code),
        Engine = "detailed",
        Cold = true,
        Set = ["rax=0x1234", "rbx=7", "rdx=0x20000", "xmm3=0x3ff00000000000003ff0000000000000", "mxcsr=0x1f80"],
        Map = ["0x20000:8192"],
    };
}
