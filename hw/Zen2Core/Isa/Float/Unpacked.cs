using System.Numerics;
using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>What an encoding stands for.</summary>
public enum FloatClass : byte
{
    /// <summary>Zero of either sign.</summary>
    Zero,

    /// <summary>A finite number; denormal numbers are normalised when unpacked.</summary>
    Finite,

    /// <summary>Infinity of either sign.</summary>
    Infinity,

    /// <summary>Not a number.</summary>
    NaN,
}

/// <summary>
/// A number taken apart: (-1)^Sign x 1.fraction x 2^Exponent with the leading one at bit 63 of <see cref="Significand"/>.
/// </summary>
public struct Unpacked
{
    /// <summary>Significand with bit 63 set (finite numbers only).</summary>
    public ulong Significand;

    /// <summary>Exponent of the leading bit.</summary>
    public int Exponent;

    /// <summary>Class.</summary>
    public FloatClass Class;

    /// <summary>True when negative.</summary>
    public bool Sign;

    /// <summary>True when the encoding was denormal (and was not read as zero).</summary>
    public bool WasDenormal;

    /// <summary>Takes a number apart; denormal numbers become zeros when the environment says so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Unpacked From<TFormat>(ulong bits, in FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        Unpacked result = default;
        ulong fraction = bits & Format<TFormat>.FractionMask;
        int field = (int)(bits >> TFormat.FractionBits) & Format<TFormat>.SpecialField;
        result.Sign = (bits & Format<TFormat>.SignBit) != 0;
        if (field == Format<TFormat>.SpecialField)
        {
            result.Class = fraction == 0 ? FloatClass.Infinity : FloatClass.NaN;
        }
        else if (field != 0)
        {
            result.Class = FloatClass.Finite;
            result.Exponent = field - Format<TFormat>.Bias;
            result.Significand = (1UL << 63) | (fraction << (63 - TFormat.FractionBits));
        }
        else if (fraction != 0 && (environment.Control & FloatEnvironment.DenormalsAreZeros) == 0)
        {
            int shift = BitOperations.LeadingZeroCount(fraction);
            result.Class = FloatClass.Finite;
            result.WasDenormal = true;
            result.Significand = fraction << shift;
            result.Exponent = Format<TFormat>.MinExponent + 63 - TFormat.FractionBits - shift;
        }

        return result;
    }
}
