using System.Numerics;

namespace CoSim.Hw.Simulation;

/// <summary>
/// The only source of chance in a simulation: xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64. The same seed
/// gives the same numbers on every host, and the state is part of the snapshot.
/// </summary>
public sealed class SeededRandom : IStateful
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <summary>Makes a generator.</summary>
    /// <param name="stateName">Names its section in a snapshot.</param>
    /// <param name="seed">Any number.</param>
    public SeededRandom(string stateName, ulong seed)
    {
        StateName = stateName;
        _a = SplitMix(ref seed);
        _b = SplitMix(ref seed);
        _c = SplitMix(ref seed);
        _d = SplitMix(ref seed);
    }

    public string StateName { get; }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A uniform number from 0 to <paramref name="bound"/> - 1, without bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is zero.</exception>
    public ulong Below(ulong bound)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bound);
        ulong threshold = unchecked(0UL - bound) % bound;
        for (; ; )
        {
            UInt128 product = (UInt128)NextUInt64() * bound;
            if ((ulong)product >= threshold)
            {
                return (ulong)(product >> 64);
            }
        }
    }

    /// <summary>True once in <paramref name="outOf"/> times <paramref name="times"/>, on average.</summary>
    public bool Chance(ulong times, ulong outOf) => Below(outOf) < times;

    public void Save(StateWriter writer)
    {
        writer.UInt64(_a);
        writer.UInt64(_b);
        writer.UInt64(_c);
        writer.UInt64(_d);
    }

    public void Restore(StateReader reader)
    {
        _a = reader.UInt64();
        _b = reader.UInt64();
        _c = reader.UInt64();
        _d = reader.UInt64();
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
