using System.Numerics;

namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>Conversions between floating-point formats and integers, and rounding to integral values.</summary>
public static class FloatConvert
{
    /// <summary>Converts between formats; NaN payloads keep their upper bits.</summary>
    public static ulong Format<TFrom, TTo>(ulong bits, ref FloatEnvironment environment)
        where TFrom : struct, IFloatFormat
        where TTo : struct, IFloatFormat
    {
        Unpacked x = Unpacked.From<TFrom>(bits, environment);
        ulong sign = x.Sign ? Format<TTo>.SignBit : 0;
        switch (x.Class)
        {
            case FloatClass.Zero: return sign;
            case FloatClass.Infinity: return sign | Format<TTo>.Infinity;
            case FloatClass.NaN:
                if (Format<TFrom>.IsSignalling(bits))
                    environment.Raised |= FloatEnvironment.Invalid;
                int shift = TTo.FractionBits - TFrom.FractionBits;
                ulong payload = bits & Format<TFrom>.FractionMask;
                payload = shift >= 0 ? payload << shift : payload >> -shift;
                return sign | Format<TTo>.Infinity | Format<TTo>.QuietBit | payload;
        }

        // The half-precision conversion from 16 bits has no denormal exception (AMD APM vol. 4, VCVTPH2PS).
        if (x.WasDenormal && TFrom.FractionBits > 10 && environment.RaiseEarly(FloatEnvironment.Denormal))
            return 0;
        return FloatRounding.Pack<TTo>(WideFloat.From(x), ref environment);
    }

    /// <summary>A signed integer as a floating-point number.</summary>
    public static ulong FromInteger<TFormat>(long value, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (value == 0)
            return 0;
        ulong magnitude = value < 0 ? 0 - (ulong)value : (ulong)value;
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return FloatRounding.Pack<TFormat>(new WideFloat(value < 0, 63 - shift, magnitude << shift, 0), ref environment);
    }

    /// <summary>A floating-point number as a signed integer.</summary>
    /// <param name="bits">The number.</param>
    /// <param name="width">32 or 64.</param>
    /// <param name="mode">Rounding mode.</param>
    /// <param name="environment">Control in, exceptions out.</param>
    /// <returns>The integer, or the "integer indefinite" 8000...0h with invalid-operation raised.</returns>
    public static ulong ToInteger<TFormat>(ulong bits, int width, RoundingMode mode, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        Unpacked x = Unpacked.From<TFormat>(bits, environment);
        if (x.Class == FloatClass.Zero)
            return 0;
        ulong indefinite = 1UL << (width - 1);
        if (x.Class != FloatClass.Finite || !TryRoundToInteger(x, mode, out ulong magnitude, out bool inexact)
            || magnitude > indefinite || (magnitude == indefinite && !x.Sign))
        {
            environment.Raised |= FloatEnvironment.Invalid;
            return indefinite;
        }

        if (inexact)
            environment.Raised |= FloatEnvironment.Inexact;
        ulong value = x.Sign ? 0 - magnitude : magnitude;
        return width == 32 ? (uint)value : value;
    }

    /// <summary>ROUNDxx: rounds to an integral value in the same format.</summary>
    /// <param name="bits">The number.</param>
    /// <param name="mode">Rounding mode.</param>
    /// <param name="suppressInexact">Whether inexact is not raised (bit 3 of the immediate).</param>
    /// <param name="environment">Control in, exceptions out.</param>
    public static ulong RoundToIntegral<TFormat>(ulong bits, RoundingMode mode, bool suppressInexact, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (NaNs.Propagate<TFormat>(bits, bits, ref environment, out ulong nan))
            return nan;
        Unpacked x = Unpacked.From<TFormat>(bits, environment);
        ulong sign = x.Sign ? Format<TFormat>.SignBit : 0;
        if (x.Class == FloatClass.Zero)
            return sign;
        if (x.Class == FloatClass.Infinity || x.Exponent >= TFormat.FractionBits)
            return bits;
        TryRoundToInteger(x, mode, out ulong magnitude, out bool inexact);
        if (inexact && !suppressInexact)
            environment.Raised |= FloatEnvironment.Inexact;
        if (magnitude == 0)
            return sign;
        int shift = BitOperations.LeadingZeroCount(magnitude);
        FloatEnvironment exact = default;
        return FloatRounding.Pack<TFormat>(new WideFloat(x.Sign, 63 - shift, magnitude << shift, 0), ref exact);
    }

    /// <summary>Rounds a finite number to an integer magnitude.</summary>
    /// <param name="x">The number.</param>
    /// <param name="mode">Rounding mode.</param>
    /// <param name="magnitude">The rounded magnitude.</param>
    /// <param name="inexact">Whether it differs from the number.</param>
    /// <returns>False when the magnitude does not fit 64 bits.</returns>
    internal static bool TryRoundToInteger(in Unpacked x, RoundingMode mode, out ulong magnitude, out bool inexact)
    {
        inexact = false;
        magnitude = 0;
        if (x.Exponent > 63)
            return false;
        UInt128 fixedPoint = WideFloat.ShiftRightSticky((UInt128)x.Significand << 64, 63 - x.Exponent);
        magnitude = (ulong)(fixedPoint >> 64);
        ulong rest = (ulong)fixedPoint;
        inexact = rest != 0;
        if (FloatRounding.RoundsUp(mode, x.Sign, (magnitude & 1) != 0, rest))
        {
            if (magnitude == ulong.MaxValue)
                return false;
            magnitude++;
        }

        return true;
    }
}
