namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>The answer of the cache hierarchy to one request.</summary>
/// <param name="ReadyAt">The reference cycle at which the data (or the ownership) is there, or at which to ask again.</param>
/// <param name="Level">Where the answer comes from.</param>
/// <param name="Retry">The request was not taken: every miss buffer is busy, or the line is under way to another core.</param>
public readonly record struct AccessResult(ulong ReadyAt, MemoryLevel Level, bool Retry);
