namespace CoSim.Cli.Study;

/// <summary>Exact statistics of integer samples: no interpolation, no floating point.</summary>
/// <param name="Count">Number of samples.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Median">The 50th percentile by nearest rank.</param>
/// <param name="Percentile99">The 99th percentile by nearest rank.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Sum">Their sum.</param>
public readonly record struct CycleStatistics(int Count, ulong Minimum, ulong Median, ulong Percentile99, ulong Maximum, ulong Sum)
{
    /// <summary>Computes the statistics of at least one sample.</summary>
    public static CycleStatistics Of(IReadOnlyCollection<ulong> samples)
    {
        if (samples.Count == 0)
            throw new ArgumentException("no samples", nameof(samples));
        ulong[] sorted = [.. samples];
        Array.Sort(sorted);
        ulong sum = 0;
        foreach (ulong sample in sorted)
            sum += sample;
        return new CycleStatistics(sorted.Length, sorted[0], NearestRank(sorted, 50), NearestRank(sorted, 99), sorted[^1], sum);
    }

    /// <summary>The smallest sample that at least <paramref name="percent"/> percent of all samples do not exceed.</summary>
    /// <param name="sorted">The samples in ascending order, at least one.</param>
    /// <param name="percent">1 to 100.</param>
    public static ulong NearestRank(ReadOnlySpan<ulong> sorted, int percent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(percent, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        long rank = ((long)sorted.Length * percent + 99) / 100;
        return sorted[(int)rank - 1];
    }
}
