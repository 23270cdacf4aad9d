using System.Numerics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>
/// Values of the transcendental instructions, before rounding (AMD APM vol. 1, 6.4.5). Processors deliver results within one unit in the last
/// place; these are correct to far more bits than are kept.
/// </summary>
internal static class Transcendental
{
    /// <summary>Below this exponent the first term of a series is the value, with the rest as a sticky bit.</summary>
    private const int TinyExponent = -70;

    /// <summary>2^x - 1 for |x| up to 1.</summary>
    public static WideFloat Exp2Minus1(in Unpacked x)
    {
        if (x.Exponent < TinyExponent)
            return Scaled(x, FixedPoint.Ln2);
        return FixedPoint.ToWide(FixedPoint.ExpMinus1(FixedPoint.Multiply(FixedPoint.From(x), FixedPoint.Ln2)), 0);
    }

    /// <summary>y x log2 x for positive x.</summary>
    public static WideFloat YLog2(in Unpacked x, in Unpacked y)
    {
        Unpacked mantissa = x;
        mantissa.Exponent = 0;
        BigInteger m = FixedPoint.From(mantissa);
        int exponent = x.Exponent;

        // Centre the mantissa on one, so that the logarithm keeps its bits near x = 1.
        if (x.Significand > 0xB504_F333_F9DE_6484)
        {
            m >>= 1;
            exponent++;
        }

        BigInteger log = Log(FixedPoint.Divide(m - FixedPoint.One, m + FixedPoint.One)) + (FixedPoint.One * exponent);
        return TimesY(log, y, 0);
    }

    /// <summary>y x log2 (1 + x) for small x.</summary>
    public static WideFloat YLog2Plus1(in Unpacked x, in Unpacked y)
    {
        if (x.Exponent < TinyExponent)
        {
            WideFloat first = Scaled(x, FixedPoint.Divide(FixedPoint.One, FixedPoint.Ln2));
            BigInteger significand = ((BigInteger)first.High << 64) | first.Low;
            return TimesY((first.Sign ? -significand : significand) << (FixedPoint.Bits - 127), y, first.Exponent);
        }

        BigInteger value = FixedPoint.From(x);
        return TimesY(Log(FixedPoint.Divide(value, (2 * FixedPoint.One) + value)), y, 0);
    }

    /// <summary>Sine and cosine for |x| below 2^63.</summary>
    public static (WideFloat Sine, WideFloat Cosine) SineCosine(in Unpacked x)
    {
        if (x.Exponent < TinyExponent)
            return (JustBelow(x), FixedPoint.ToWide(FixedPoint.One - 1, 0));
        (BigInteger sine, BigInteger cosine) = Reduced(x);
        return (FixedPoint.ToWide(sine, 0), FixedPoint.ToWide(cosine, 0));
    }

    /// <summary>Tangent for |x| below 2^63.</summary>
    public static WideFloat Tangent(in Unpacked x)
    {
        if (x.Exponent < TinyExponent)
            return new WideFloat(x.Sign, x.Exponent, x.Significand, 1);
        (BigInteger sine, BigInteger cosine) = Reduced(x);
        return FixedPoint.ToWide(FixedPoint.Divide(sine, cosine), 0);
    }

    /// <summary>The angle of the point (x, y), both finite and not zero.</summary>
    public static WideFloat Angle(in Unpacked y, in Unpacked x)
    {
        int difference = y.Exponent - x.Exponent;
        if (difference < TinyExponent && !x.Sign)
        {
            WideFloat quotient = WideFloat.Divide(y, x);
            return new WideFloat(quotient.Sign, quotient.Exponent, quotient.High, quotient.Low | 1);
        }

        BigInteger angle;
        if (difference < TinyExponent)
        {
            angle = FixedPoint.Pi - 1;
        }
        else if (difference > -TinyExponent)
        {
            angle = (FixedPoint.Pi >> 1) + (x.Sign ? 1 : -1);
        }
        else
        {
            BigInteger magnitudeY = (BigInteger)y.Significand << Math.Max(difference, 0);
            BigInteger magnitudeX = (BigInteger)x.Significand << Math.Max(-difference, 0);
            bool steep = magnitudeY > magnitudeX;
            BigInteger ratio = steep ? FixedPoint.Divide(magnitudeX, magnitudeY) : FixedPoint.Divide(magnitudeY, magnitudeX);
            angle = FixedPoint.ArcTan(ratio);
            if (steep)
                angle = (FixedPoint.Pi >> 1) - angle;
            if (x.Sign)
                angle = FixedPoint.Pi - angle;
        }

        return FixedPoint.ToWide(y.Sign ? -angle : angle, 0);
    }

    // log2 ((1 + z) / (1 - z)).
    private static BigInteger Log(BigInteger z) => FixedPoint.Divide(2 * FixedPoint.ArcTanh(z), FixedPoint.Ln2);

    private static WideFloat TimesY(BigInteger log, in Unpacked y, int scale)
    {
        if (log.IsZero)
            return default;
        BigInteger product = log * y.Significand;
        return FixedPoint.ToWide(y.Sign ? -product : product, y.Exponent - 63 + scale);
    }

    private static WideFloat Scaled(in Unpacked x, BigInteger factor)
    {
        BigInteger product = factor * x.Significand;
        return FixedPoint.ToWide(x.Sign ? -product : product, x.Exponent - 63);
    }

    private static WideFloat JustBelow(in Unpacked x) => x.Significand == X87Value.IntegerBit
        ? new WideFloat(x.Sign, x.Exponent - 1, ulong.MaxValue, ulong.MaxValue)
        : new WideFloat(x.Sign, x.Exponent, x.Significand - 1, ulong.MaxValue);

    private static (BigInteger Sine, BigInteger Cosine) Reduced(in Unpacked x)
    {
        BigInteger half = FixedPoint.Pi >> 1;
        BigInteger value = FixedPoint.From(x);
        BigInteger quotient = BigInteger.DivRem(value + (half >> 1), half, out BigInteger rest);
        if (rest.Sign < 0)
        {
            rest += half;
            quotient--;
        }

        (BigInteger sine, BigInteger cosine) = FixedPoint.SineCosine(rest - (half >> 1));
        return (int)(quotient & 3) switch
        {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
    }
}
