namespace CoSim.Tests.HostOracle;

/// <summary>A small deterministic generator (SplitMix64): the same seed gives the same cases on every host.</summary>
/// <param name="seed">Any value; tests print it.</param>
public sealed class CaseRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Next 64 uniformly distributed bits.</summary>
    public ulong Next()
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number in 0 .. <paramref name="bound"/> - 1.</summary>
    /// <param name="bound">Exclusive upper bound, at least 1.</param>
    public int Below(int bound) => (int)(Next() % (uint)bound);

    /// <summary>True once in <paramref name="n"/> times on average.</summary>
    /// <param name="n">At least 1.</param>
    public bool OneIn(int n) => Below(n) == 0;

    /// <summary>One element of a list.</summary>
    /// <param name="choices">A list that is not empty.</param>
    public T Pick<T>(ReadOnlySpan<T> choices) => choices[Below(choices.Length)];
}
