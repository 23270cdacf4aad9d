using System.Numerics;

namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>
/// An exact or sticky intermediate result: (-1)^Sign x (High.Low) x 2^Exponent with the leading one at bit 63 of High. The
/// lowest bit of Low also stands for everything below it ("sticky"), which is enough to round correctly to 64 bits or fewer.
/// </summary>
public readonly struct WideFloat(bool sign, int exponent, ulong high, ulong low)
{
    /// <summary>True when negative.</summary>
    public readonly bool Sign = sign;

    /// <summary>Exponent of the leading bit.</summary>
    public readonly int Exponent = exponent;

    /// <summary>Upper 64 significand bits; zero only for an exact zero.</summary>
    public readonly ulong High = high;

    /// <summary>Lower 64 significand bits.</summary>
    public readonly ulong Low = low;

    /// <summary>True for an exact zero.</summary>
    public bool IsZero => (High | Low) == 0;

    /// <summary>The value of an unpacked finite number.</summary>
    public static WideFloat From(in Unpacked value) => new(value.Sign, value.Exponent, value.Significand, 0);

    /// <summary>Normalises a 128-bit significand whose bit 127 has the weight 2^<paramref name="exponent"/>.</summary>
    public static WideFloat Normalise(bool sign, int exponent, UInt128 significand)
    {
        if (significand == UInt128.Zero)
            return new WideFloat(sign, 0, 0, 0);
        int shift = (int)UInt128.LeadingZeroCount(significand);
        significand <<= shift;
        return new WideFloat(sign, exponent - shift, (ulong)(significand >> 64), (ulong)significand);
    }

    /// <summary>Shifts right and keeps a lost one bit in bit 0.</summary>
    /// <param name="value">Value to shift.</param>
    /// <param name="count">0 or more.</param>
    public static UInt128 ShiftRightSticky(UInt128 value, int count)
    {
        if (count <= 0)
            return value;
        if (count >= 128)
            return value == UInt128.Zero ? UInt128.Zero : UInt128.One;
        UInt128 lost = value << (128 - count);
        return (value >> count) | (lost == UInt128.Zero ? UInt128.Zero : UInt128.One);
    }

    /// <summary>The sum of two finite numbers that are not zero.</summary>
    public static WideFloat Add(in Unpacked a, in Unpacked b) => Add(a.Sign, a.Exponent, (UInt128)a.Significand << 64, b.Sign, b.Exponent, (UInt128)b.Significand << 64);

    /// <summary>
    /// The sum of two numbers given as 128-bit significands normalised at bit 127. At least two low bits of each must be zero.
    /// </summary>
    public static WideFloat Add(bool signA, int exponentA, UInt128 a, bool signB, int exponentB, UInt128 b)
    {
        if (exponentA < exponentB || (exponentA == exponentB && a < b))
        {
            (signA, signB) = (signB, signA);
            (exponentA, exponentB) = (exponentB, exponentA);
            (a, b) = (b, a);
        }

        // One bit of head room for the carry.
        a >>= 1;
        b = ShiftRightSticky(b >> 1, exponentA - exponentB);
        UInt128 sum = signA == signB ? a + b : a - b;
        return Normalise(signA, exponentA + 1, sum);
    }

    /// <summary>The product of two finite numbers that are not zero.</summary>
    public static WideFloat Multiply(in Unpacked a, in Unpacked b)
    {
        ulong high = Math.BigMul(a.Significand, b.Significand, out ulong low);
        int exponent = a.Exponent + b.Exponent + 1;
        bool sign = a.Sign ^ b.Sign;
        return (high >> 63) != 0
            ? new WideFloat(sign, exponent, high, low)
            : new WideFloat(sign, exponent - 1, (high << 1) | (low >> 63), low << 1);
    }

    /// <summary>The quotient of two finite numbers that are not zero.</summary>
    public static WideFloat Divide(in Unpacked a, in Unpacked b)
    {
        bool sign = a.Sign ^ b.Sign;
        int exponent = a.Exponent - b.Exponent;
        ulong numerator = a.Significand;
        ulong divisor = b.Significand;
        if (numerator < divisor)
            exponent--;
        else
            numerator >>= 1;

        // Numerator < divisor now (bit 63 of the divisor is set), so that each partial quotient fits 64 bits.
        UInt128 dividend = new(numerator, a.Significand >= divisor ? a.Significand << 63 : 0);
        (ulong high, ulong remainder) = DivRem(dividend, divisor);
        (ulong low, remainder) = DivRem(new UInt128(remainder, 0), divisor);
        if (remainder != 0)
            low |= 1;
        return new WideFloat(sign, exponent, high, low);
    }

    /// <summary>The square root of a positive finite number.</summary>
    public static WideFloat SquareRoot(in Unpacked a)
    {
        // Radicand in [2^126, 2^128) with an even exponent, so that the root has exactly 64 bits.
        int exponent = a.Exponent;
        UInt128 radicand = (UInt128)a.Significand << 64;
        if ((exponent & 1) == 0)
            radicand >>= 1;
        ulong root = IntegerRoot(radicand);
        UInt128 remainder = radicand - ((UInt128)root * root);
        ulong low = remainder == UInt128.Zero ? 0 : remainder > root ? 0xC000_0000_0000_0000 : 0x4000_0000_0000_0000;
        return new WideFloat(false, exponent >> 1, root, low);
    }

    private static (ulong Quotient, ulong Remainder) DivRem(UInt128 dividend, ulong divisor)
    {
        UInt128 quotient = dividend / divisor;
        return ((ulong)quotient, (ulong)(dividend - (quotient * divisor)));
    }

    // The host's square root is a starting point only; the steps after it make the result exact.
    private static ulong IntegerRoot(UInt128 radicand)
    {
        double estimate = Math.Sqrt((double)radicand);
        ulong root = estimate >= 18446744073709551615.0 ? ulong.MaxValue : (ulong)estimate;
        for (int i = 0; i < 2; i++)
        {
            UInt128 next = (root + (radicand / root)) >> 1;
            root = next > ulong.MaxValue ? ulong.MaxValue : (ulong)next;
        }

        while ((UInt128)root * root > radicand)
            root--;
        while (root != ulong.MaxValue && (UInt128)(root + 1) * (root + 1) <= radicand)
            root++;
        return root;
    }
}
