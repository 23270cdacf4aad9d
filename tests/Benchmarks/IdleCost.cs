using System.Globalization;

namespace CoSim.Benchmarks;

/// <summary>
/// What idle processors cost: boots the same kernel on 1 and on 16 cores, to 5 and to 15 simulated seconds in which everything sleeps, and
/// prints processor seconds, each the least of three runs, and how many instructions the 10 seconds took. What a boot leaves for later is
/// done before they begin.
/// </summary>
internal static class IdleCost
{
    private const int Runs = 3, Settled = 5, IdleSeconds = 10;
    private static readonly int[] Cores = [1, 16];

    /// <summary>Runs the comparison.</summary>
    /// <param name="cosim">The cosim command.</param>
    /// <param name="kernel">The kernel (vmlinux or bzImage).</param>
    /// <param name="busybox">A statically linked busybox.</param>
    public static int Run(string cosim, string kernel, string busybox)
    {
        foreach (int cores in Cores)
        {
            (double seconds, ulong instructions) boot = Measure(cosim, kernel, busybox, cores, Settled);
            (double seconds, ulong instructions) slept = Measure(cosim, kernel, busybox, cores, Settled + IdleSeconds);
            Console.WriteLine(
                $"{cores} cores, Linux: {boot.seconds:F2} s of processor time to boot and settle; with {IdleSeconds} idle seconds more {slept.seconds:F2} s, "
                + $"{(slept.instructions - (double)boot.instructions) / 1e6:F1} million instructions more");
        }

        return 0;
    }

    private static (double Seconds, ulong Instructions) Measure(string cosim, string kernel, string busybox, int cores, int sleep)
    {
        string[] arguments =
        [
            "boot", "linux", "--memory", "512M", "--kernel", kernel, "--cores", $"{cores}", "--append", "cryptomgr.notests",
            "--exec", busybox, "--", "sleep", $"{sleep}",
        ];
        double least = double.MaxValue;
        ulong instructions = 0;
        for (int run = 0; run < Runs; run++)
        {
            double seconds = Children.ProcessorSeconds(cosim, arguments, out string _, out string statistics);
            least = Math.Min(least, seconds);
            instructions = Instructions(statistics);
        }

        return (least, instructions);
    }

    /// <summary>The line <c>simInsts</c> of what a run ends with.</summary>
    private static ulong Instructions(string statistics)
    {
        string line = statistics.Split('\n').FirstOrDefault(l => l.StartsWith("simInsts", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"cosim told no statistics; it said:\n{statistics}");
        return ulong.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
