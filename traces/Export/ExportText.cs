using System.Globalization;
using System.Text;
using CoSim.Hw.Simulation;

namespace CoSim.Traces.Export;

/// <summary>What the exporters of text have in common.</summary>
internal static class ExportText
{
    private const ulong PerSecond = 1_000_000_000;

    /// <summary>A writer of UTF-8 without a byte order mark, with LF line ends on every host; it leaves the stream open.</summary>
    public static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };

    /// <summary>Seconds with nine decimals, rounded down.</summary>
    public static string Seconds(SimTime time)
    {
        UInt128 nanoseconds = time.WholeNanoseconds;
        return string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / PerSecond}.{(ulong)(nanoseconds % PerSecond):D9}");
    }

    /// <summary>Nanoseconds, rounded down; the largest number for what does not fit.</summary>
    public static ulong Nanoseconds(SimTime time) => time.WholeNanoseconds > long.MaxValue ? long.MaxValue : (ulong)time.WholeNanoseconds;

    /// <summary>A name without white space, control characters and the characters that separate frames of a stack.</summary>
    public static string Word(string name)
    {
        if (name.Length > 0 && name.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !name.Contains(';', StringComparison.Ordinal))
            return name;
        StringBuilder word = new(name.Length);
        foreach (char c in name)
            word.Append(c is > ' ' and <= '~' and not ';' ? c : '_');
        return word.Length == 0 ? "_" : word.ToString();
    }
}
