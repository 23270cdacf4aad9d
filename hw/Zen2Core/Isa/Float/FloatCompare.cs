namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>Outcome of a comparison.</summary>
public enum FloatRelation : byte
{
    /// <summary>a is greater than b.</summary>
    Greater,

    /// <summary>a is less than b.</summary>
    Less,

    /// <summary>Equal; zeros of both signs are.</summary>
    Equal,

    /// <summary>At least one operand is a NaN.</summary>
    Unordered,
}

/// <summary>Comparisons, minimum and maximum.</summary>
public static class FloatCompare
{
    /// <summary>Compares two numbers.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="signalsQuiet">Whether quiet NaNs raise invalid-operation too.</param>
    /// <param name="environment">Control in, exceptions out.</param>
    public static FloatRelation Compare<TFormat>(ulong a, ulong b, bool signalsQuiet, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (Format<TFormat>.IsNaN(a) || Format<TFormat>.IsNaN(b))
        {
            if (signalsQuiet || Format<TFormat>.IsSignalling(a) || Format<TFormat>.IsSignalling(b))
                environment.Raised |= FloatEnvironment.Invalid;
            return FloatRelation.Unordered;
        }

        return Order<TFormat>(ReadOperand<TFormat>(a, ref environment), ReadOperand<TFormat>(b, ref environment));
    }

    /// <summary>Whether one of the 32 predicates of CMPxx and VCMPxx holds (AMD APM vol. 4, VCMPPD).</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="predicate">0-31; legacy instructions use 0-7.</param>
    /// <param name="environment">Control in, exceptions out.</param>
    public static bool Test<TFormat>(ulong a, ulong b, int predicate, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        // Predicates 1, 2, 5, 6, 9, 10, 13, 14 signal on quiet NaNs; 16 and up swap signalling and quiet.
        bool signals = ((predicate & 3) is 1 or 2) ^ (predicate >= 16);
        FloatRelation relation = Compare<TFormat>(a, b, signals, ref environment);
        bool unordered = relation == FloatRelation.Unordered;
        return (predicate & 15) switch
        {
            0 => relation == FloatRelation.Equal,
            1 => relation == FloatRelation.Less,
            2 => relation is FloatRelation.Less or FloatRelation.Equal,
            3 => unordered,
            4 => relation != FloatRelation.Equal,
            5 => relation != FloatRelation.Less,
            6 => relation is FloatRelation.Greater or FloatRelation.Unordered,
            7 => !unordered,
            8 => relation is FloatRelation.Equal or FloatRelation.Unordered,
            9 => relation is FloatRelation.Less or FloatRelation.Unordered,
            10 => relation is not FloatRelation.Greater,
            11 => false,
            12 => relation is FloatRelation.Less or FloatRelation.Greater,
            13 => relation is FloatRelation.Greater or FloatRelation.Equal,
            14 => relation == FloatRelation.Greater,
            _ => true,
        };
    }

    /// <summary>MINxx: the second operand when either is a NaN or both are zeros.</summary>
    public static ulong Minimum<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat =>
        Compare<TFormat>(a, b, true, ref environment) == FloatRelation.Less ? Flush<TFormat>(a, environment) : Flush<TFormat>(b, environment);

    /// <summary>MAXxx: the second operand when either is a NaN or both are zeros.</summary>
    public static ulong Maximum<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat =>
        Compare<TFormat>(a, b, true, ref environment) == FloatRelation.Greater ? Flush<TFormat>(a, environment) : Flush<TFormat>(b, environment);

    private static ulong Flush<TFormat>(ulong bits, in FloatEnvironment environment)
        where TFormat : struct, IFloatFormat =>
        Format<TFormat>.IsDenormal(bits) && (environment.Control & FloatEnvironment.DenormalsAreZeros) != 0 ? bits & Format<TFormat>.SignBit : bits;

    private static ulong ReadOperand<TFormat>(ulong bits, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (!Format<TFormat>.IsDenormal(bits))
            return bits;
        if ((environment.Control & FloatEnvironment.DenormalsAreZeros) != 0)
            return 0;
        environment.Raised |= FloatEnvironment.Denormal;
        return bits;
    }

    private static FloatRelation Order<TFormat>(ulong a, ulong b)
        where TFormat : struct, IFloatFormat
    {
        ulong sign = Format<TFormat>.SignBit;
        if (((a | b) & ~sign) == 0 || a == b)
            return FloatRelation.Equal;
        bool negative = (a & sign) != 0;
        if (negative != ((b & sign) != 0))
            return negative ? FloatRelation.Less : FloatRelation.Greater;
        return (a < b) ^ negative ? FloatRelation.Less : FloatRelation.Greater;
    }
}
