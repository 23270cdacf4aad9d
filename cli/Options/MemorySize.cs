using System.Globalization;

namespace CoSim.Cli.Options;

/// <summary>A size of memory as people write it: "256M", "2G", "512MiB".</summary>
/// <param name="Bytes">The size in bytes, whole mebibytes.</param>
public readonly record struct MemorySize(ulong Bytes)
{
    /// <summary>The smallest machine that boots: 64 MiB.</summary>
    public const ulong Minimum = 64UL << 20;

    /// <summary>The largest machine: 64 GiB.</summary>
    public const ulong Maximum = 64UL << 30;

    private const ulong Unit = 1UL << 20;

    /// <summary>256 MiB.</summary>
    public static MemorySize Default => new(256 * Unit);

    /// <summary>Parses a size. Units are powers of two; a number needs one of K, M, G or T.</summary>
    /// <param name="text">For example "256M".</param>
    /// <param name="size">The size.</param>
    /// <param name="problem">Null, or what is wrong with the text.</param>
    public static bool TryParse(string text, out MemorySize size, out string? problem)
    {
        size = default;
        ReadOnlySpan<char> number = text.AsSpan().Trim();
        if (number.EndsWith("iB", StringComparison.Ordinal))
            number = number[..^2];
        int shift = number.IsEmpty ? 0 : char.ToUpperInvariant(number[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            'T' => 40,
            _ => 0,
        };
        if (shift == 0 || !ulong.TryParse(number[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong count))
        {
            problem = "write a whole number with a unit, for example 256M or 2G";
            return false;
        }
        if (count > Maximum >> shift || count << shift < Minimum)
        {
            problem = $"the machine has between {Minimum >> 20}M and {Maximum >> 30}G";
            return false;
        }
        size = new MemorySize(count << shift);
        problem = size.Bytes % Unit == 0 ? null : "memory comes in whole mebibytes";
        return problem == null;
    }

    /// <summary>For example "256M" or "2G".</summary>
    public override string ToString() => Bytes % (Unit << 10) == 0 ? $"{Bytes >> 30}G" : $"{Bytes >> 20}M";
}
