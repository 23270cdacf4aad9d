namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>An interchange format of IEEE 754 with at most 64 bits.</summary>
public interface IFloatFormat
{
    /// <summary>Stored fraction bits.</summary>
    static abstract int FractionBits { get; }

    /// <summary>Exponent bits.</summary>
    static abstract int ExponentBits { get; }
}

/// <summary>Half precision (F16C conversions only).</summary>
public readonly struct Binary16 : IFloatFormat
{
    /// <inheritdoc/>
    public static int FractionBits => 10;

    /// <inheritdoc/>
    public static int ExponentBits => 5;
}

/// <summary>Single precision.</summary>
public readonly struct Binary32 : IFloatFormat
{
    /// <inheritdoc/>
    public static int FractionBits => 23;

    /// <inheritdoc/>
    public static int ExponentBits => 8;
}

/// <summary>Double precision.</summary>
public readonly struct Binary64 : IFloatFormat
{
    /// <inheritdoc/>
    public static int FractionBits => 52;

    /// <inheritdoc/>
    public static int ExponentBits => 11;
}

/// <summary>Constants and bit tests derived from a format.</summary>
/// <typeparam name="TFormat">The format; its properties fold to constants.</typeparam>
public static class Format<TFormat>
    where TFormat : struct, IFloatFormat
{
    /// <summary>Total width in bits.</summary>
    public static int Width => 1 + TFormat.ExponentBits + TFormat.FractionBits;

    /// <summary>Exponent bias, also the largest exponent.</summary>
    public static int Bias => (1 << (TFormat.ExponentBits - 1)) - 1;

    /// <summary>Exponent of the smallest normal number.</summary>
    public static int MinExponent => 1 - Bias;

    /// <summary>Exponent field of infinities and NaNs.</summary>
    public static int SpecialField => (1 << TFormat.ExponentBits) - 1;

    /// <summary>Mask of the fraction field.</summary>
    public static ulong FractionMask => (1UL << TFormat.FractionBits) - 1;

    /// <summary>The bit that makes a NaN quiet.</summary>
    public static ulong QuietBit => 1UL << (TFormat.FractionBits - 1);

    /// <summary>The sign bit.</summary>
    public static ulong SignBit => 1UL << (Width - 1);

    /// <summary>Positive infinity.</summary>
    public static ulong Infinity => (ulong)SpecialField << TFormat.FractionBits;

    /// <summary>Largest finite number.</summary>
    public static ulong MaxFinite => Infinity - 1;

    /// <summary>The "real indefinite" NaN that masked invalid operations give: quiet, negative, payload zero.</summary>
    public static ulong DefaultNaN => SignBit | Infinity | QuietBit;

    /// <summary>Whether the bits are a NaN.</summary>
    public static bool IsNaN(ulong bits) => (bits & ~SignBit) > Infinity;

    /// <summary>Whether the bits are a signalling NaN.</summary>
    public static bool IsSignalling(ulong bits) => IsNaN(bits) && (bits & QuietBit) == 0;

    /// <summary>Whether the bits are a denormal number (zero is none).</summary>
    public static bool IsDenormal(ulong bits)
    {
        ulong magnitude = bits & ~SignBit;
        return magnitude != 0 && magnitude <= FractionMask;
    }
}
