using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>Rounding of intermediate results to double-extended numbers (AMD APM vol. 1, 6.8).</summary>
internal static class X87Rounding
{
    /// <summary>What a trapped overflow subtracts from the exponent and a trapped underflow adds.</summary>
    private const int TrapBias = 24576;

    /// <summary>Rounds to a precision and raises what occurs.</summary>
    /// <param name="value">Exact or sticky value.</param>
    /// <param name="bits">Precision: 24, 53 or 64.</param>
    /// <param name="environment">Control in, exceptions out.</param>
    /// <param name="roundedUp">Whether the magnitude was rounded up (condition C1).</param>
    public static X87Value Pack(in WideFloat value, int bits, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        if (value.IsZero)
            return X87Value.Zero(value.Sign);
        int exponent = value.Exponent;
        ulong kept = Round(value.High, value.Low, value.Sign, bits, environment.Rounding, out bool inexact, out roundedUp, out bool carried);
        if (exponent + (carried ? 1 : 0) < X87Value.MinExponent)
            return PackTiny(value, bits, kept, carried, inexact, ref environment, ref roundedUp);
        if (carried)
            exponent++;
        if (exponent > X87Value.Bias)
            return PackHuge(value.Sign, exponent, bits, kept, inexact, ref environment, ref roundedUp);
        if (inexact)
            environment.Raised |= FloatEnvironment.Inexact;

        // A value just below the normal range that rounds up into it: not tiny, but the rounding happened as a denormal's.
        return Make(value.Sign, exponent, kept);
    }

    private static X87Value PackTiny(
        in WideFloat value, int bits, ulong kept, bool carried, bool inexact, ref FloatEnvironment environment, ref bool roundedUp)
    {
        if (environment.Traps(FloatEnvironment.Underflow))
        {
            // Only FSCALE gets so far down that the adjusted exponent does not fit either.
            int adjusted = value.Exponent + (carried ? 1 : 0) + TrapBias;
            bool lost = adjusted < X87Value.MinExponent;
            environment.Raised |= FloatEnvironment.Underflow | (inexact || lost ? FloatEnvironment.Inexact : 0);
            return lost ? X87Value.Zero(value.Sign) : Make(value.Sign, adjusted, kept);
        }

        UInt128 shifted = WideFloat.ShiftRightSticky(new UInt128(value.High, value.Low), X87Value.MinExponent - value.Exponent);
        ulong significand = Round((ulong)(shifted >> 64), (ulong)shifted, value.Sign, bits, environment.Rounding, out inexact, out roundedUp, out carried);
        if (inexact)
            environment.Raised |= FloatEnvironment.Underflow | FloatEnvironment.Inexact;
        ushort field = (ushort)((significand & X87Value.IntegerBit) != 0 ? 1 : 0);
        return new X87Value(significand, (ushort)(field | (value.Sign ? 0x8000 : 0)));
    }

    private static X87Value PackHuge(bool sign, int exponent, int bits, ulong kept, bool inexact, ref FloatEnvironment environment, ref bool roundedUp)
    {
        environment.Raised |= FloatEnvironment.Overflow;
        if (environment.Traps(FloatEnvironment.Overflow))
        {
            bool lost = exponent - TrapBias > X87Value.Bias;
            roundedUp |= lost;
            environment.Raised |= inexact || lost ? FloatEnvironment.Inexact : 0;
            return lost ? X87Value.Infinity(sign) : Make(sign, exponent - TrapBias, kept);
        }

        environment.Raised |= FloatEnvironment.Inexact;
        RoundingMode mode = environment.Rounding;
        roundedUp = mode == RoundingMode.NearestEven || mode == (sign ? RoundingMode.Down : RoundingMode.Up);
        return roundedUp ? X87Value.Infinity(sign) : Make(sign, X87Value.Bias, ulong.MaxValue << (64 - bits));
    }

    // Rounds the upper bits and returns them left-aligned; a carry out of the top leaves the leading one alone.
    private static ulong Round(ulong high, ulong low, bool sign, int bits, RoundingMode mode, out bool inexact, out bool up, out bool carried)
    {
        ulong kept = FloatRounding.Keep(high, low, bits, out ulong rest);
        inexact = rest != 0;
        up = FloatRounding.RoundsUp(mode, sign, (kept & 1) != 0, rest);
        ulong result = kept << (64 - bits);
        carried = false;
        if (up)
        {
            ulong next = result + (1UL << (64 - bits));
            carried = next == 0;
            result = carried ? X87Value.IntegerBit : next;
        }

        return result;
    }

    private static X87Value Make(bool sign, int exponent, ulong significand) =>
        new(significand, (ushort)(((exponent + X87Value.Bias) & 0x7FFF) | (sign ? 0x8000 : 0)));
}
