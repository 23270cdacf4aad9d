using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>An x87 operation on two numbers.</summary>
internal interface IX87Binary
{
    /// <summary>Computes the result for finite operands, zeros and infinities; NaNs and unsupported encodings are done already.</summary>
    static abstract X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp);
}

/// <summary>Arithmetic on stack registers and memory operands.</summary>
internal static class X87Arithmetic
{
    /// <summary>Applies an operation with the NaN rules of the x87: of two NaNs the one with the larger significand (AMD APM vol. 1, 6.7.2).</summary>
    public static X87Value Apply<TOp>(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp)
        where TOp : struct, IX87Binary
    {
        roundedUp = false;
        if (TryNaN(a, b, ref environment, out X87Value nan))
            return nan;
        return TOp.Compute(a, b, precision, ref environment, out roundedUp);
    }

    /// <summary>The result when an operand is a NaN or unsupported. False: neither is.</summary>
    public static bool TryNaN(X87Value a, X87Value b, ref FloatEnvironment environment, out X87Value result)
    {
        result = X87Value.DefaultNaN;
        if (a.IsUnsupported || b.IsUnsupported)
        {
            environment.Raised |= FloatEnvironment.Invalid;
            return true;
        }

        if (!a.IsNaN && !b.IsNaN)
            return false;
        if (a.IsSignalling || b.IsSignalling)
            environment.Raised |= FloatEnvironment.Invalid;
        result = Choose(a, b).Quiet;
        return true;
    }

    /// <summary>Raises denormal-operand when an operand is one. True: it is not masked.</summary>
    public static bool Denormal(in Unpacked x, in Unpacked y, ref FloatEnvironment environment) =>
        (x.WasDenormal || y.WasDenormal) && environment.RaiseEarly(FloatEnvironment.Denormal);

    /// <summary>Invalid operation.</summary>
    public static X87Value Invalid(ref FloatEnvironment environment)
    {
        environment.Raised |= FloatEnvironment.Invalid;
        return X87Value.DefaultNaN;
    }

    private static X87Value Choose(X87Value a, X87Value b)
    {
        if (!b.IsNaN)
            return a;
        if (!a.IsNaN)
            return b;
        if (a.IsSignalling != b.IsSignalling)
            return a.IsSignalling ? b : a;
        if (a.Significand != b.Significand)
            return a.Significand > b.Significand ? a : b;
        return a.Sign ? b : a;
    }
}

/// <summary>FADD.</summary>
internal readonly struct X87Add : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked x = a.Unpack(), y = b.Unpack();
        bool bothInfinite = x.Class == FloatClass.Infinity && y.Class == FloatClass.Infinity;
        if (bothInfinite && x.Sign != y.Sign)
            return X87Arithmetic.Invalid(ref environment);
        if (X87Arithmetic.Denormal(x, y, ref environment))
            return default;
        if (x.Class == FloatClass.Infinity)
            return a;
        if (y.Class == FloatClass.Infinity)
            return b;
        bool down = environment.Rounding == RoundingMode.Down;
        if (x.Class == FloatClass.Zero && y.Class == FloatClass.Zero)
            return X87Value.Zero(x.Sign == y.Sign ? x.Sign : down);
        WideFloat sum = x.Class == FloatClass.Zero ? WideFloat.From(y) : y.Class == FloatClass.Zero ? WideFloat.From(x) : WideFloat.Add(x, y);
        return sum.IsZero ? X87Value.Zero(down) : X87Rounding.Pack(sum, precision, ref environment, out roundedUp);
    }
}

/// <summary>FSUB: a - b.</summary>
internal readonly struct X87Subtract : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp) =>
        X87Add.Compute(a, b.Negated, precision, ref environment, out roundedUp);
}

/// <summary>FSUBR: b - a.</summary>
internal readonly struct X87SubtractReverse : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp) =>
        X87Add.Compute(b, a.Negated, precision, ref environment, out roundedUp);
}

/// <summary>FMUL.</summary>
internal readonly struct X87Multiply : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked x = a.Unpack(), y = b.Unpack();
        bool infinite = x.Class == FloatClass.Infinity || y.Class == FloatClass.Infinity;
        bool zero = x.Class == FloatClass.Zero || y.Class == FloatClass.Zero;
        if (infinite && zero)
            return X87Arithmetic.Invalid(ref environment);
        if (X87Arithmetic.Denormal(x, y, ref environment))
            return default;
        bool sign = x.Sign ^ y.Sign;
        if (infinite)
            return X87Value.Infinity(sign);
        return zero ? X87Value.Zero(sign) : X87Rounding.Pack(WideFloat.Multiply(x, y), precision, ref environment, out roundedUp);
    }
}

/// <summary>FDIV: a / b.</summary>
internal readonly struct X87Divide : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked x = a.Unpack(), y = b.Unpack();
        bool sign = x.Sign ^ y.Sign;
        if (x.Class == y.Class && x.Class != FloatClass.Finite)
            return X87Arithmetic.Invalid(ref environment);
        if (y.Class == FloatClass.Zero && x.Class == FloatClass.Finite)
        {
            environment.Raised |= FloatEnvironment.ZeroDivide;
            return X87Value.Infinity(sign);
        }

        if (X87Arithmetic.Denormal(x, y, ref environment))
            return default;
        if (x.Class == FloatClass.Infinity || y.Class == FloatClass.Zero)
            return X87Value.Infinity(sign);
        if (y.Class == FloatClass.Infinity || x.Class == FloatClass.Zero)
            return X87Value.Zero(sign);
        return X87Rounding.Pack(WideFloat.Divide(x, y), precision, ref environment, out roundedUp);
    }
}

/// <summary>FDIVR: b / a.</summary>
internal readonly struct X87DivideReverse : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp) =>
        X87Divide.Compute(b, a, precision, ref environment, out roundedUp);
}
