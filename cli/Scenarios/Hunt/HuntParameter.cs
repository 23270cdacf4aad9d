using System.Globalization;
using System.Numerics;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>How the values of a parameter are spread.</summary>
internal enum HuntSpread
{
    /// <summary>Every value is as likely as any other.</summary>
    Even,

    /// <summary>Every order of magnitude is as likely as any other; negative values too where the least one is negative.</summary>
    Magnitude,

    /// <summary>A time in nanoseconds, spread as <see cref="Magnitude"/>.</summary>
    Time,

    /// <summary>One of the scenario's cores.</summary>
    Core,

    /// <summary>One of some words; the value is its index.</summary>
    Word,
}

/// <summary>A number, a time or a word of a deviation.</summary>
/// <param name="Name">Its name, which stands between angle brackets in the deviation's text.</param>
/// <param name="Least">Its least value.</param>
/// <param name="Most">Its largest value.</param>
/// <param name="Spread">How its values are spread.</param>
internal sealed record HuntParameter(string Name, long Least, long Most, HuntSpread Spread)
{
    private const long Microsecond = 1000;
    private static readonly (long Nanoseconds, string Name)[] s_units = [(1_000_000_000, "s"), (1_000_000, "ms"), (Microsecond, "us")];

    /// <summary>The words of <see cref="HuntSpread.Word"/>.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>A number of which every value is as likely.</summary>
    public static HuntParameter Even(string name, long least, long most) => new(name, least, most, HuntSpread.Even);

    /// <summary>A number of which every order of magnitude is as likely.</summary>
    public static HuntParameter Magnitude(string name, long least, long most) => new(name, least, most, HuntSpread.Magnitude);

    /// <summary>A time, of which every order of magnitude is as likely.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="least">The least in microseconds.</param>
    /// <param name="most">The largest in microseconds.</param>
    public static HuntParameter Time(string name, long least, long most) => new(name, least * Microsecond, most * Microsecond, HuntSpread.Time);

    /// <summary>A core.</summary>
    public static HuntParameter Core(string name) => new(name, 0, 0, HuntSpread.Core);

    /// <summary>One of some words, the simplest first.</summary>
    public static HuntParameter Word(string name, params string[] words) => new(name, 0, words.Length - 1, HuntSpread.Word) { Words = words };

    /// <summary>The value that says least: what shrinking aims at.</summary>
    public long Simplest => Math.Clamp(0, Least, Most);

    /// <summary>Whether smaller and rounder values mean less; words and cores have no order.</summary>
    public bool IsNumber => Spread is HuntSpread.Even or HuntSpread.Magnitude or HuntSpread.Time;

    /// <summary>Draws a value.</summary>
    /// <param name="random">Where from.</param>
    /// <param name="cores">Cores of the scenario's machine.</param>
    public long Draw(SeededRandom random, int cores)
    {
        switch (Spread)
        {
            case HuntSpread.Core:
                return (long)random.Below((ulong)cores);
            case HuntSpread.Time:
                // A file does not say 2.159817 ms.
                long time = DrawMagnitude(random);
                return time < Microsecond ? time : Math.Clamp(time / Microsecond * Microsecond, Least, Most);
            case HuntSpread.Magnitude:
                return DrawMagnitude(random);
            default:
                return Least + (long)random.Below((ulong)(Most - Least) + 1);
        }
    }

    /// <summary>A value as the file has it.</summary>
    public string Text(long value) => Spread switch
    {
        HuntSpread.Word => Words[(int)value],
        HuntSpread.Time => TimeText(value),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private static string TimeText(long value)
    {
        foreach ((long nanoseconds, string name) in s_units)
        {
            if (value != 0 && value % nanoseconds == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{value / nanoseconds}{name}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{value}ns");
    }

    private long DrawMagnitude(SeededRandom random)
    {
        bool negative = Least < 0 && random.Chance(1, 2);
        ulong least = (ulong)Math.Max(1, Least), most = (ulong)(negative ? -Least : Most);
        int bits = BitOperations.Log2(least) + (int)random.Below((ulong)(BitOperations.Log2(most) - BitOperations.Log2(least) + 1));
        long value = (long)Math.Clamp((1UL << bits) + random.Below(1UL << bits), least, most);
        return negative ? -value : value;
    }
}
