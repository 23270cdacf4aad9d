using System.Numerics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>
/// Elementary functions of fixed-point numbers with <see cref="Bits"/> fraction bits: slow, simple and the same on every host. The
/// error is a few units of 2^-Bits, far below what rounding a result to 64 bits can see.
/// </summary>
internal static class FixedPoint
{
    /// <summary>Fraction bits. Arguments down to 2^-80 keep more than 128 significant bits.</summary>
    public const int Bits = 256;

    private static readonly Lazy<BigInteger> s_ln2 = new(() => 2 * ArcTanh(One / 3));
    private static readonly Lazy<BigInteger> s_pi = new(() => (16 * ArcTanSmall(One / 5)) - (4 * ArcTanSmall(One / 239)));
    private static readonly Lazy<BigInteger[]> s_arcTangents = new(BuildArcTangents);

    /// <summary>One.</summary>
    public static BigInteger One => BigInteger.One << Bits;

    /// <summary>The natural logarithm of 2.</summary>
    public static BigInteger Ln2 => s_ln2.Value;

    /// <summary>Pi.</summary>
    public static BigInteger Pi => s_pi.Value;

    /// <summary>A finite number; bits below the last fraction bit are lost.</summary>
    public static BigInteger From(in Unpacked value)
    {
        int shift = Bits + value.Exponent - 63;
        BigInteger magnitude = shift >= 0 ? (BigInteger)value.Significand << shift : (BigInteger)value.Significand >> -shift;
        return value.Sign ? -magnitude : magnitude;
    }

    /// <summary>A result times 2^<paramref name="scale"/>, ready to be rounded; always marked inexact.</summary>
    public static WideFloat ToWide(BigInteger value, int scale)
    {
        bool sign = value.Sign < 0;
        BigInteger magnitude = BigInteger.Abs(value);
        int length = (int)magnitude.GetBitLength();
        BigInteger top = length > 128 ? magnitude >> (length - 128) : magnitude << (128 - length);
        ulong high = (ulong)(top >> 64), low = (ulong)(top & ulong.MaxValue) | 1;
        return new WideFloat(sign, length - 1 - Bits + scale, high, low);
    }

    /// <summary>x times y.</summary>
    public static BigInteger Multiply(BigInteger x, BigInteger y) => (x * y) >> Bits;

    /// <summary>x divided by y.</summary>
    public static BigInteger Divide(BigInteger x, BigInteger y) => (x << Bits) / y;

    /// <summary>e^x - 1 for |x| below 1.</summary>
    public static BigInteger ExpMinus1(BigInteger x)
    {
        BigInteger sum = x, term = x;
        for (int n = 2; !term.IsZero && n < 100; n++)
        {
            term = Multiply(term, x) / n;
            sum += term;
        }

        return sum;
    }

    /// <summary>Inverse hyperbolic tangent for |x| up to 1/3: half the logarithm of (1 + x) / (1 - x).</summary>
    public static BigInteger ArcTanh(BigInteger x) => Odd(x, alternate: false);

    /// <summary>Sine and cosine for |x| up to pi / 4.</summary>
    public static (BigInteger Sine, BigInteger Cosine) SineCosine(BigInteger x)
    {
        BigInteger square = Multiply(x, x), sine = x, cosine = One, term = One;
        for (int n = 1; n < 60 && !term.IsZero; n++)
        {
            term = -Multiply(term, square) / ((2 * n) * ((2 * n) - 1));
            cosine += term;
        }

        term = x;
        for (int n = 1; n < 60 && !term.IsZero; n++)
        {
            term = -Multiply(term, square) / ((2 * n) * ((2 * n) + 1));
            sine += term;
        }

        return (sine, cosine);
    }

    /// <summary>Arc tangent of a number from 0 to 1.</summary>
    public static BigInteger ArcTan(BigInteger x)
    {
        // atan x = atan c + atan ((x - c) / (1 + x c)) with c the nearest eighth.
        int eighth = (int)((x + (One >> 4)) >> (Bits - 3));
        BigInteger c = (One * eighth) >> 3;
        BigInteger rest = Divide(x - c, One + Multiply(x, c));
        return s_arcTangents.Value[eighth] + ArcTanSmall(rest);
    }

    private static BigInteger ArcTanSmall(BigInteger x) => Odd(x, alternate: true);

    private static BigInteger Odd(BigInteger x, bool alternate)
    {
        BigInteger square = Multiply(x, x), power = x, sum = x;
        for (int n = 3; !power.IsZero && n < 1000; n += 2)
        {
            power = Multiply(power, square);
            if (alternate)
                power = -power;
            sum += power / n;
        }

        return sum;
    }

    // atan of k/8: from one to the next by the addition theorem, with arguments of at most 1/8.
    private static BigInteger[] BuildArcTangents()
    {
        BigInteger[] table = new BigInteger[9];
        for (int k = 1; k <= 8; k++)
        {
            BigInteger step = Divide(One / 8, One + ((One * (k * (k - 1))) / 64));
            table[k] = table[k - 1] + ArcTanSmall(step);
        }

        return table;
    }
}
