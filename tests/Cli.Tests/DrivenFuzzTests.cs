using CoSim.Cli.Recording;
using CoSim.Os.Loader;
using CoSim.Traces.Format;
using CoSim.Traces.Tests;

namespace CoSim.Cli.Tests;

/// <summary>Damaged traces that are to drive the timing model: an error or a result, never another exception and never a run without end.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class DrivenFuzzTests
{
    private const int Instructions = 1500;

    [TestCase("1")]
    [TestCase("2")]
    public void ADamagedTraceIsTimedOrRefused(string cores)
    {
        CosimProcess.RequireBusybox();
        using TemporaryDirectory directory = new();
        string recorded = directory.File("a.trace"), small = directory.File("b.trace");
        Assert.That(CosimProcess.Run("", "record", "-o", recorded, "--level", "retire", "--engine", "detailed", "--cores", cores, "--stop-at", $"{Instructions}", "--", "/bin/busybox", "true").Status, Is.Zero);
        Assert.That(CommandLine.Run("trace", "filter", recorded, "-o", small).Status, Is.Zero);
        byte[] whole = DamagedTrace.Unpacked(File.ReadAllBytes(small));
        Assert.That(Time(whole), Is.True, "undamaged");
        // A case makes the caches and predictors of whole cores, and times up to 1500 instructions on them.
        int timed = 0, cases = DamagedTrace.Cases / 20;
        for (int seed = 0; seed < cases; seed++)
        {
            try
            {
                timed += Time(DamagedTrace.OfContent(whole, seed)) ? 1 : 0;
            }
            catch (Exception e) when (e is not (IgnoreException or AssertionException))
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }

        Assert.That(Math.Min(timed, cases - timed), Is.GreaterThan(cases / 50), $"{timed} of {cases} timed");
    }

    private static bool Time(byte[] trace)
    {
        try
        {
            using TraceReader reader = new(new MemoryStream(trace));
            _ = DrivenTiming.Of("trace", reader, []);
            return true;
        }
        catch (Exception e) when (e is TraceFormatException or BadInputException)
        {
            return false;
        }
    }
}
