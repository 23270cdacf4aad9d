using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>F2XM1.</summary>
internal readonly struct X87Exponential : IX87Unary
{
    public static X87Value Compute(X87Value a, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked x = a.Unpack();
        if (x.Class == FloatClass.Zero)
            return a;
        if (x.Class == FloatClass.Infinity)
            return x.Sign ? X87Value.One.Negated : a;
        if (x.WasDenormal && environment.RaiseEarly(FloatEnvironment.Denormal))
            return default;

        // Outside -1 .. +1 the result is undefined; the argument comes back.
        if (x.Exponent >= 0)
            return x.Exponent == 0 && x.Significand == X87Value.IntegerBit ? (x.Sign ? new X87Value(X87Value.IntegerBit, 0xBFFE) : a) : a;
        return X87Rounding.Pack(Transcendental.Exp2Minus1(x), 64, ref environment, out roundedUp);
    }
}

/// <summary>FYL2X: a is ST(1), b is ST(0).</summary>
internal readonly struct X87Logarithm : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked y = a.Unpack(), x = b.Unpack();
        bool isOne = b == X87Value.One;
        if ((x.Sign && x.Class != FloatClass.Zero)
            || (x.Class == FloatClass.Zero && y.Class == FloatClass.Zero)
            || (y.Class == FloatClass.Infinity && isOne)
            || (x.Class == FloatClass.Infinity && y.Class == FloatClass.Zero))
        {
            return X87Arithmetic.Invalid(ref environment);
        }

        if (x.Class == FloatClass.Zero)
        {
            if (y.Class == FloatClass.Finite)
                environment.Raised |= FloatEnvironment.ZeroDivide;
            return X87Value.Infinity(!y.Sign);
        }

        if (X87Arithmetic.Denormal(x, y, ref environment))
            return default;
        bool negative = x.Class == FloatClass.Finite && x.Exponent < 0;
        if (x.Class == FloatClass.Infinity)
            return X87Value.Infinity(y.Sign);
        if (y.Class == FloatClass.Infinity)
            return X87Value.Infinity(y.Sign ^ negative);
        if (y.Class == FloatClass.Zero || isOne)
            return X87Value.Zero(y.Sign ^ negative);
        return X87Rounding.Pack(Transcendental.YLog2(x, y), 64, ref environment, out roundedUp);
    }
}

/// <summary>FYL2XP1: a is ST(1), b is ST(0).</summary>
internal readonly struct X87LogarithmPlus1 : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked y = a.Unpack(), x = b.Unpack();
        if (y.Class == FloatClass.Infinity && x.Class == FloatClass.Zero)
            return X87Arithmetic.Invalid(ref environment);
        if (X87Arithmetic.Denormal(x, y, ref environment))
            return default;
        bool sign = x.Sign ^ y.Sign;
        if (y.Class == FloatClass.Infinity || x.Class == FloatClass.Infinity)
            return X87Value.Infinity(sign);
        if (x.Class == FloatClass.Zero || y.Class == FloatClass.Zero)
            return X87Value.Zero(sign);

        // Outside the range of the instruction the result is undefined; ST(1) comes back.
        if (x.Exponent >= -1)
            return a;
        return X87Rounding.Pack(Transcendental.YLog2Plus1(x, y), 64, ref environment, out roundedUp);
    }
}

/// <summary>FPATAN: a is ST(1) = y, b is ST(0) = x.</summary>
internal readonly struct X87ArcTangent : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked y = a.Unpack(), x = b.Unpack();
        if (X87Arithmetic.Denormal(x, y, ref environment))
            return default;
        if (y.Class == FloatClass.Zero || (x.Class == FloatClass.Infinity && y.Class == FloatClass.Finite))
        {
            return x.Sign ? PiQuarters(4, y.Sign, ref environment, out roundedUp) : X87Value.Zero(y.Sign);
        }

        if (y.Class == FloatClass.Infinity || x.Class == FloatClass.Zero)
        {
            int quarters = x.Class != FloatClass.Infinity ? 2 : x.Sign ? 3 : 1;
            return PiQuarters(quarters, y.Sign, ref environment, out roundedUp);
        }

        return X87Rounding.Pack(Transcendental.Angle(y, x), 64, ref environment, out roundedUp);
    }

    private static X87Value PiQuarters(int count, bool sign, ref FloatEnvironment environment, out bool roundedUp) =>
        X87Rounding.Pack(FixedPoint.ToWide(FixedPoint.Pi * (sign ? -count : count), -2), 64, ref environment, out roundedUp);
}

/// <summary>FYL2X, FYL2XP1, FPATAN: ST(1) = op(ST(1), ST(0)), then pop.</summary>
internal readonly struct X87IntoSecond<TOp> : IX87Instruction
    where TOp : struct, IX87Binary
{
    public static bool Execute(ref X87Unit unit)
    {
        X87Binary.Complete<TOp>(ref unit, 1, unit.IsEmpty(0) || unit.IsEmpty(1), unit.Read(1), unit.Read(0), 1);
        return true;
    }
}

/// <summary>Which of the trigonometric results an instruction delivers.</summary>
internal interface IX87Trigonometry
{
    /// <summary>Computes the result for ST(0) and, for instructions that push one, the second result.</summary>
    static abstract (WideFloat First, WideFloat? Pushed) Compute(in Unpacked x);

    /// <summary>Results for a zero argument.</summary>
    static abstract (X87Value First, X87Value? Pushed) AtZero(X87Value zero);
}

/// <summary>FSIN.</summary>
internal readonly struct Sine : IX87Trigonometry
{
    public static (WideFloat First, WideFloat? Pushed) Compute(in Unpacked x) => (Transcendental.SineCosine(x).Sine, null);

    public static (X87Value First, X87Value? Pushed) AtZero(X87Value zero) => (zero, null);
}

/// <summary>FCOS.</summary>
internal readonly struct Cosine : IX87Trigonometry
{
    public static (WideFloat First, WideFloat? Pushed) Compute(in Unpacked x) => (Transcendental.SineCosine(x).Cosine, null);

    public static (X87Value First, X87Value? Pushed) AtZero(X87Value zero) => (X87Value.One, null);
}

/// <summary>FSINCOS: the sine replaces ST(0), the cosine is pushed.</summary>
internal readonly struct SineAndCosine : IX87Trigonometry
{
    public static (WideFloat First, WideFloat? Pushed) Compute(in Unpacked x) => Transcendental.SineCosine(x);

    public static (X87Value First, X87Value? Pushed) AtZero(X87Value zero) => (zero, X87Value.One);
}

/// <summary>FPTAN: the tangent replaces ST(0), 1.0 is pushed.</summary>
internal readonly struct Tangent : IX87Trigonometry
{
    public static (WideFloat First, WideFloat? Pushed) Compute(in Unpacked x) =>
        (Transcendental.Tangent(x), new WideFloat(false, 0, X87Value.IntegerBit, 0));

    public static (X87Value First, X87Value? Pushed) AtZero(X87Value zero) => (zero, X87Value.One);
}

/// <summary>FSIN, FCOS, FSINCOS, FPTAN: arguments of 2^63 and more set C2 and stay.</summary>
internal readonly struct X87Trigonometric<TFunction> : IX87Instruction
    where TFunction : struct, IX87Trigonometry
{
    public static bool Execute(ref X87Unit unit)
    {
        X87Value value = unit.Read(0);
        unit.SetConditions(X87Unit.C1 | X87Unit.C2, 0);
        bool pushes = TFunction.AtZero(value).Pushed is not null;
        X87Value first = X87Value.DefaultNaN;
        X87Value? pushed = pushes ? X87Value.DefaultNaN : null;
        bool done = true;
        if (unit.IsEmpty(0))
        {
            unit.StackFault(overflow: false);
        }
        else if (pushes && !unit.IsEmpty(7))
        {
            unit.StackFault(overflow: true);
        }
        else if (X87Arithmetic.TryNaN(value, value, ref unit.Environment, out X87Value nan))
        {
            first = nan;
            pushed = pushes ? nan : null;
        }
        else
        {
            done = Compute(ref unit, value, ref first, ref pushed);
        }

        if (done && !unit.Aborted)
        {
            unit.Write(0, first);
            if (pushed is { } second)
            {
                unit.Rotate(-1);
                unit.Write(0, second);
            }
        }

        unit.Commit();
        return true;
    }

    private static bool Compute(ref X87Unit unit, X87Value value, ref X87Value first, ref X87Value? pushed)
    {
        Unpacked x = value.Unpack();
        switch (x.Class)
        {
            case FloatClass.Infinity:
                X87Arithmetic.Invalid(ref unit.Environment);
                return true;
            case FloatClass.Zero:
                (first, pushed) = TFunction.AtZero(value);
                return true;
        }

        if (x.WasDenormal && unit.Environment.RaiseEarly(FloatEnvironment.Denormal))
            return false;
        if (x.Exponent >= 63)
        {
            unit.SetConditions(X87Unit.C2, X87Unit.C2);
            return false;
        }

        (WideFloat one, WideFloat? two) = TFunction.Compute(x);
        first = X87Rounding.Pack(one, 64, ref unit.Environment, out bool roundedUp);
        if (two is { } second)
            pushed = X87Rounding.Pack(second, 64, ref unit.Environment, out roundedUp);
        unit.SetC1(roundedUp);
        return true;
    }
}
