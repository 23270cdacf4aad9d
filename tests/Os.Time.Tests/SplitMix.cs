namespace CoSim.Os.Timekeeping.Tests;

/// <summary>A small seeded generator, so that a failure can be run again from the seed in its message.</summary>
internal struct SplitMix
{
    private ulong _state;

    internal SplitMix(ulong seed) => _state = seed;

    internal ulong Next64()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    /// <summary>A number below <paramref name="bound"/>.</summary>
    internal ulong Next(ulong bound) => Next64() % bound;
}
