using System.Numerics;
using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>Rounding of intermediate results to a format, with the overflow and underflow rules of x86.</summary>
public static class FloatRounding
{
    /// <summary>Whether the bits below the kept ones round the magnitude up.</summary>
    /// <param name="mode">Rounding mode.</param>
    /// <param name="sign">True when the number is negative.</param>
    /// <param name="odd">Lowest kept bit.</param>
    /// <param name="rest">Dropped bits, the first at bit 63, the last sticky.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool RoundsUp(RoundingMode mode, bool sign, bool odd, ulong rest) => mode switch
    {
        RoundingMode.NearestEven => rest > 0x8000_0000_0000_0000 || (rest == 0x8000_0000_0000_0000 && odd),
        RoundingMode.Down => sign && rest != 0,
        RoundingMode.Up => !sign && rest != 0,
        _ => false,
    };

    /// <summary>Splits a significand into <paramref name="bits"/> kept bits and the rest.</summary>
    /// <param name="high">Upper half, leading one at bit 63 (or lower for denormal results).</param>
    /// <param name="low">Lower half.</param>
    /// <param name="bits">1 to 64.</param>
    /// <param name="rest">Dropped bits, the first at bit 63, the last sticky.</param>
    /// <returns>The kept bits, right-aligned.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Keep(ulong high, ulong low, int bits, out ulong rest)
    {
        if (bits == 64)
        {
            rest = low;
            return high;
        }

        rest = (high << bits) | (low != 0 ? 1UL : 0);
        return high >> (64 - bits);
    }

    /// <summary>Rounds to a format and raises overflow, underflow and inexact as they occur.</summary>
    /// <remarks>AMD APM vol. 1, 4.10: tininess is detected after rounding; masked underflow needs an inexact result too.</remarks>
    public static ulong Pack<TFormat>(in WideFloat value, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        ulong signBit = value.Sign ? Format<TFormat>.SignBit : 0;
        if (value.IsZero)
            return signBit;
        int bits = TFormat.FractionBits + 1;
        RoundingMode mode = environment.Rounding;
        if (value.Exponent < Format<TFormat>.MinExponent)
            return PackTiny<TFormat>(value, signBit, mode, ref environment);

        ulong kept = Keep(value.High, value.Low, bits, out ulong rest);
        int exponent = value.Exponent;
        if (RoundsUp(mode, value.Sign, (kept & 1) != 0, rest) && ++kept >> bits != 0)
        {
            kept >>= 1;
            exponent++;
        }

        if (exponent > Format<TFormat>.Bias)
        {
            environment.Raised |= FloatEnvironment.Overflow;

            // A trapped overflow delivers no result; it is inexact only when the rounded significand was.
            if (!environment.Traps(FloatEnvironment.Overflow) || rest != 0)
                environment.Raised |= FloatEnvironment.Inexact;
            bool toInfinity = mode == RoundingMode.NearestEven || (mode == RoundingMode.Up && !value.Sign) || (mode == RoundingMode.Down && value.Sign);
            return signBit | (toInfinity ? Format<TFormat>.Infinity : Format<TFormat>.MaxFinite);
        }

        if (rest != 0)
            environment.Raised |= FloatEnvironment.Inexact;
        return signBit | ((ulong)(exponent + Format<TFormat>.Bias) << TFormat.FractionBits) | (kept & Format<TFormat>.FractionMask);
    }

    private static ulong PackTiny<TFormat>(in WideFloat value, ulong signBit, RoundingMode mode, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        int bits = TFormat.FractionBits + 1;
        ulong rounded = Keep(value.High, value.Low, bits, out ulong exactRest);
        bool carries = rounded == (1UL << bits) - 1 && RoundsUp(mode, value.Sign, true, exactRest);
        bool tiny = value.Exponent < Format<TFormat>.MinExponent - 1 || !carries;
        if (tiny && (environment.Control & FloatEnvironment.FlushToZero) != 0 && !environment.Traps(FloatEnvironment.Underflow))
        {
            environment.Raised |= FloatEnvironment.Underflow | FloatEnvironment.Inexact;
            return signBit;
        }

        UInt128 shifted = WideFloat.ShiftRightSticky(new UInt128(value.High, value.Low), Format<TFormat>.MinExponent - value.Exponent);
        ulong kept = Keep((ulong)(shifted >> 64), (ulong)shifted, bits, out ulong rest);
        if (RoundsUp(mode, value.Sign, (kept & 1) != 0, rest))
            kept++;
        if (environment.Traps(FloatEnvironment.Underflow))
        {
            if (tiny)
                environment.Raised |= FloatEnvironment.Underflow;
            if (tiny ? exactRest != 0 : rest != 0)
                environment.Raised |= FloatEnvironment.Inexact;
            return signBit | kept;
        }

        if (rest != 0)
            environment.Raised |= FloatEnvironment.Inexact | (tiny ? FloatEnvironment.Underflow : 0);

        // A carry into the leading bit makes the exponent field one by itself.
        return signBit | kept;
    }
}
