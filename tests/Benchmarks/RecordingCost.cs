using System.Diagnostics;
using System.Globalization;

namespace CoSim.Benchmarks;

/// <summary>
/// What recording costs: the same program on the detailed engine, from the reset vector to its exit, without a recording and at each level. Prints wall and
/// processor seconds, the smallest of some runs, and how they compare with the plain run; the writer has a thread of its own.
/// </summary>
internal static class RecordingCost
{
    private const int Repetitions = 5;

    private static readonly string[] Program = ["--engine", "detailed", "--", "busybox", "date"];

    /// <summary>Measures.</summary>
    /// <param name="cosim">The cosim command.</param>
    public static int Run(string cosim)
    {
        string trace = Path.GetTempFileName();
        try
        {
            // Levels take turns, so that a busy host is as busy for one as for the others.
            (string Name, string[] Arguments)[] runs =
            [
                ("plain", ["run", .. Program]),
                .. ((string[])["inputs", "events", "retire", "pipeline"]).Select(l => (l, (string[])["record", "--level", l, "--output", trace, .. Program])),
            ];
            (double Wall, double Processor)[] best = [.. runs.Select(_ => (double.MaxValue, double.MaxValue))];
            long[] bytes = new long[runs.Length];
            for (int repetition = 0; repetition < Repetitions; repetition++)
            {
                for (int i = 0; i < runs.Length; i++)
                {
                    (double wall, double processor) = Measure(cosim, runs[i].Arguments);
                    best[i] = (Math.Min(best[i].Wall, wall), Math.Min(best[i].Processor, processor));
                    bytes[i] = i == 0 ? 0 : new FileInfo(trace).Length;
                }
            }

            for (int i = 0; i < runs.Length; i++)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{runs[i].Name}: {best[i].Wall:F2} s of wall time ({best[i].Wall / best[0].Wall:F2}x), {best[i].Processor:F2} s of processor time ({best[i].Processor / best[0].Processor:F2}x), {bytes[i]} bytes"));
            }
        }
        finally
        {
            File.Delete(trace);
        }

        return 0;
    }

    private static (double Wall, double Processor) Measure(string cosim, string[] arguments)
    {
        ProcessStartInfo start = new(cosim, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double wall = watch.Elapsed.TotalSeconds;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{cosim} ended with status {process.ExitCode}: {output}{error.Result}");
        return (wall, process.TotalProcessorTime.TotalSeconds);
    }
}
