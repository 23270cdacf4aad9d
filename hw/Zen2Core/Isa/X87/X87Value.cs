using System.Numerics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>A double-extended number as the x87 holds it: explicit integer bit, 64-bit significand, 15-bit exponent (AMD APM vol. 1, 6.3.4).</summary>
/// <param name="Significand">Integer bit at 63, then the fraction.</param>
/// <param name="SignExponent">Sign in bit 15, biased exponent in bits 0-14.</param>
public readonly record struct X87Value(ulong Significand, ushort SignExponent)
{
    /// <summary>Exponent bias.</summary>
    public const int Bias = 16383;

    /// <summary>Exponent of the smallest normal number.</summary>
    public const int MinExponent = 1 - Bias;

    /// <summary>The integer bit.</summary>
    public const ulong IntegerBit = 1UL << 63;

    /// <summary>The bit that makes a NaN quiet.</summary>
    public const ulong QuietBit = 1UL << 62;

    /// <summary>The "real indefinite" NaN.</summary>
    public static X87Value DefaultNaN => new(IntegerBit | QuietBit, 0xFFFF);

    /// <summary>Positive one.</summary>
    public static X87Value One => new(IntegerBit, Bias);

    /// <summary>True when negative.</summary>
    public bool Sign => (SignExponent & 0x8000) != 0;

    /// <summary>Biased exponent, 0-7FFFh.</summary>
    public int Field => SignExponent & 0x7FFF;

    /// <summary>Whether the bits are a NaN of a supported encoding.</summary>
    public bool IsNaN => Field == 0x7FFF && Significand > IntegerBit;

    /// <summary>Whether the bits are a signalling NaN.</summary>
    public bool IsSignalling => IsNaN && (Significand & QuietBit) == 0;

    /// <summary>Pseudo-infinity, pseudo-NaN or unnormal: every operation on one is invalid.</summary>
    public bool IsUnsupported => Field != 0 && (Significand & IntegerBit) == 0;

    /// <summary>The same NaN, quiet.</summary>
    public X87Value Quiet => this with { Significand = Significand | QuietBit };

    /// <summary>The same number with the other sign.</summary>
    public X87Value Negated => this with { SignExponent = (ushort)(SignExponent ^ 0x8000) };

    /// <summary>A zero.</summary>
    public static X87Value Zero(bool sign) => new(0, (ushort)(sign ? 0x8000 : 0));

    /// <summary>An infinity.</summary>
    public static X87Value Infinity(bool sign) => new(IntegerBit, (ushort)(sign ? 0xFFFF : 0x7FFF));

    /// <summary>Takes a supported number apart.</summary>
    public Unpacked Unpack()
    {
        Unpacked result = default;
        result.Sign = Sign;
        if (Field == 0x7FFF)
        {
            result.Class = Significand == IntegerBit ? FloatClass.Infinity : FloatClass.NaN;
        }
        else if (Significand != 0)
        {
            int shift = BitOperations.LeadingZeroCount(Significand);
            result.Class = FloatClass.Finite;
            result.WasDenormal = Field == 0;
            result.Significand = Significand << shift;
            result.Exponent = (Field == 0 ? MinExponent : Field - Bias) - shift;
        }

        return result;
    }

    /// <summary>A signed integer, exactly.</summary>
    public static X87Value FromInteger(long value)
    {
        if (value == 0)
            return Zero(false);
        ulong magnitude = value < 0 ? 0 - (ulong)value : (ulong)value;
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return new X87Value(magnitude << shift, (ushort)((value < 0 ? 0x8000 : 0) | (Bias + 63 - shift)));
    }

    /// <summary>A shorter format, exactly; signalling NaNs stay as they are.</summary>
    public static X87Value FromFormat<TFormat>(ulong bits)
        where TFormat : struct, IFloatFormat
    {
        FloatEnvironment environment = default;
        Unpacked x = Unpacked.From<TFormat>(bits, environment);
        ushort sign = (ushort)(x.Sign ? 0x8000 : 0);
        return x.Class switch
        {
            FloatClass.Zero => new X87Value(0, sign),
            FloatClass.Infinity => Infinity(x.Sign),
            FloatClass.NaN => new X87Value(IntegerBit | ((bits & Format<TFormat>.FractionMask) << (63 - TFormat.FractionBits)), (ushort)(sign | 0x7FFF)),
            _ => new X87Value(x.Significand, (ushort)(sign | (x.Exponent + Bias))),
        };
    }
}
