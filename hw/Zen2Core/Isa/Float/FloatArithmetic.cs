namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>
/// Addition, multiplication, division and square root of scalar numbers with the exception and NaN rules of SSE (AMD APM vol. 1,
/// 4.7 and 4.10). The value returned when <see cref="FloatEnvironment.Unmasked"/> is not zero has no meaning.
/// </summary>
public static class FloatArithmetic
{
    /// <summary>a + b.</summary>
    public static ulong Add<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat => AddSigned<TFormat>(a, b, false, ref environment);

    /// <summary>a - b.</summary>
    public static ulong Subtract<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat => AddSigned<TFormat>(a, b, true, ref environment);

    /// <summary>a x b.</summary>
    public static ulong Multiply<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (NaNs.Propagate<TFormat>(a, b, ref environment, out ulong nan))
            return nan;
        Unpacked x = Unpacked.From<TFormat>(a, environment);
        Unpacked y = Unpacked.From<TFormat>(b, environment);
        bool infinite = x.Class == FloatClass.Infinity || y.Class == FloatClass.Infinity;
        bool zero = x.Class == FloatClass.Zero || y.Class == FloatClass.Zero;
        if (infinite && zero)
            return Invalid<TFormat>(ref environment);
        if (RaiseDenormal(x, y, ref environment))
            return 0;
        ulong sign = x.Sign ^ y.Sign ? Format<TFormat>.SignBit : 0;
        if (infinite)
            return sign | Format<TFormat>.Infinity;
        return zero ? sign : FloatRounding.Pack<TFormat>(WideFloat.Multiply(x, y), ref environment);
    }

    /// <summary>a / b.</summary>
    public static ulong Divide<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (NaNs.Propagate<TFormat>(a, b, ref environment, out ulong nan))
            return nan;
        Unpacked x = Unpacked.From<TFormat>(a, environment);
        Unpacked y = Unpacked.From<TFormat>(b, environment);
        if (x.Class == y.Class && x.Class != FloatClass.Finite)
            return Invalid<TFormat>(ref environment);
        ulong sign = x.Sign ^ y.Sign ? Format<TFormat>.SignBit : 0;
        if (y.Class == FloatClass.Zero && x.Class == FloatClass.Finite)
        {
            environment.Raised |= FloatEnvironment.ZeroDivide;
            return sign | Format<TFormat>.Infinity;
        }

        if (RaiseDenormal(x, y, ref environment))
            return 0;
        if (x.Class == FloatClass.Infinity || y.Class == FloatClass.Zero)
            return sign | Format<TFormat>.Infinity;
        if (y.Class == FloatClass.Infinity || x.Class == FloatClass.Zero)
            return sign;
        return FloatRounding.Pack<TFormat>(WideFloat.Divide(x, y), ref environment);
    }

    /// <summary>The square root of a.</summary>
    public static ulong SquareRoot<TFormat>(ulong a, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (NaNs.Propagate<TFormat>(a, a, ref environment, out ulong nan))
            return nan;
        Unpacked x = Unpacked.From<TFormat>(a, environment);
        if (x.Class == FloatClass.Zero)
            return x.Sign ? Format<TFormat>.SignBit : 0;
        if (x.Sign)
            return Invalid<TFormat>(ref environment);
        if (x.Class == FloatClass.Infinity)
            return a;
        if (x.WasDenormal && environment.RaiseEarly(FloatEnvironment.Denormal))
            return 0;
        return FloatRounding.Pack<TFormat>(WideFloat.SquareRoot(x), ref environment);
    }

    /// <summary>Raises denormal-operand when one of two operands was denormal.</summary>
    /// <returns>True when it is not masked.</returns>
    internal static bool RaiseDenormal(in Unpacked x, in Unpacked y, ref FloatEnvironment environment) =>
        (x.WasDenormal || y.WasDenormal) && environment.RaiseEarly(FloatEnvironment.Denormal);

    /// <summary>Raises invalid-operation and gives the default NaN.</summary>
    internal static ulong Invalid<TFormat>(ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        environment.Raised |= FloatEnvironment.Invalid;
        return Format<TFormat>.DefaultNaN;
    }

    private static ulong AddSigned<TFormat>(ulong a, ulong b, bool subtract, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (NaNs.Propagate<TFormat>(a, b, ref environment, out ulong nan))
            return nan;
        Unpacked x = Unpacked.From<TFormat>(a, environment);
        Unpacked y = Unpacked.From<TFormat>(b, environment);
        y.Sign ^= subtract;
        if (x.Class == FloatClass.Infinity && y.Class == FloatClass.Infinity && x.Sign != y.Sign)
            return Invalid<TFormat>(ref environment);
        if (RaiseDenormal(x, y, ref environment))
            return 0;
        if (x.Class == FloatClass.Infinity || y.Class == FloatClass.Infinity)
        {
            bool negative = x.Class == FloatClass.Infinity ? x.Sign : y.Sign;
            return Format<TFormat>.Infinity | (negative ? Format<TFormat>.SignBit : 0);
        }

        return Sum<TFormat>(x, y, ref environment);
    }

    private static ulong Sum<TFormat>(in Unpacked x, in Unpacked y, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        bool roundsDown = environment.Rounding == RoundingMode.Down;
        if (x.Class == FloatClass.Zero && y.Class == FloatClass.Zero)
        {
            bool negative = x.Sign == y.Sign ? x.Sign : roundsDown;
            return negative ? Format<TFormat>.SignBit : 0;
        }

        if (x.Class == FloatClass.Zero)
            return FloatRounding.Pack<TFormat>(WideFloat.From(y), ref environment);
        if (y.Class == FloatClass.Zero)
            return FloatRounding.Pack<TFormat>(WideFloat.From(x), ref environment);
        WideFloat sum = WideFloat.Add(x, y);
        if (sum.IsZero)
            return roundsDown ? Format<TFormat>.SignBit : 0;
        return FloatRounding.Pack<TFormat>(sum, ref environment);
    }
}
