using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>FSCALE: ST(0) x 2^trunc(ST(1)).</summary>
internal readonly struct X87Scale : IX87Binary
{
    public static X87Value Compute(X87Value a, X87Value b, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked x = a.Unpack(), y = b.Unpack();
        if (y.Class == FloatClass.Infinity && (y.Sign ? x.Class == FloatClass.Infinity : x.Class == FloatClass.Zero))
            return X87Arithmetic.Invalid(ref environment);
        if (X87Arithmetic.Denormal(x, y, ref environment))
            return default;
        if (x.Class != FloatClass.Finite)
            return a;
        if (y.Class == FloatClass.Infinity)
            return y.Sign ? X87Value.Zero(x.Sign) : X87Value.Infinity(x.Sign);
        int scale = 0;
        if (y.Class == FloatClass.Finite && y.Exponent >= 0)
            scale = y.Exponent > 16 ? 0x1_0000 : (int)(y.Significand >> (63 - y.Exponent));
        x.Exponent += y.Sign ? -scale : scale;
        return X87Rounding.Pack(WideFloat.From(x), 64, ref environment, out roundedUp);
    }
}

/// <summary>FSCALE with its operands in ST(0) and ST(1).</summary>
internal readonly struct X87ScaleInstruction : IX87Instruction
{
    public static bool Execute(ref X87Unit unit)
    {
        X87Binary.Complete<X87Scale>(ref unit, 0, unit.IsEmpty(0) || unit.IsEmpty(1), unit.Read(0), unit.Read(1), 0);
        return true;
    }
}

/// <summary>FXTRACT: the exponent replaces ST(0), the significand is pushed.</summary>
internal readonly struct X87Extract : IX87Instruction
{
    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        X87Value value = unit.Read(0);
        X87Value exponent = X87Value.DefaultNaN, significand = X87Value.DefaultNaN;
        if (unit.IsEmpty(0))
        {
            unit.StackFault(overflow: false);
        }
        else if (!unit.IsEmpty(7))
        {
            unit.StackFault(overflow: true);
        }
        else if (X87Arithmetic.TryNaN(value, value, ref unit.Environment, out X87Value nan))
        {
            exponent = significand = nan;
        }
        else
        {
            Split(value, ref unit.Environment, out exponent, out significand);
        }

        if (!unit.Aborted)
        {
            unit.Write(0, exponent);
            unit.Rotate(-1);
            unit.Write(0, significand);
        }

        unit.Commit();
        return true;
    }

    private static void Split(X87Value value, ref FloatEnvironment environment, out X87Value exponent, out X87Value significand)
    {
        Unpacked x = value.Unpack();
        significand = value;
        exponent = X87Value.Infinity(false);
        switch (x.Class)
        {
            case FloatClass.Zero:
                environment.Raised |= FloatEnvironment.ZeroDivide;
                exponent = X87Value.Infinity(true);
                return;
            case FloatClass.Infinity:
                return;
        }

        if (x.WasDenormal)
            environment.Raised |= FloatEnvironment.Denormal;
        exponent = X87Value.FromInteger(x.Exponent);
        significand = new X87Value(x.Significand, (ushort)(X87Value.Bias | (x.Sign ? 0x8000 : 0)));
    }
}

/// <summary>FPREM (truncating quotient) and FPREM1 (nearest quotient).</summary>
internal readonly struct X87Remainder<TRounding> : IX87Instruction
    where TRounding : struct, Vector.IConversionRounding
{
    /// <summary>Exponent difference from which a partial remainder is delivered, and the exponents one step takes off then.</summary>
    private const int Reach = 64, Step = 63;

    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        X87Value a = unit.Read(0), b = unit.Read(1);
        X87Value result = X87Value.DefaultNaN;
        bool computed = false;
        ushort conditions = 0;
        if (unit.IsEmpty(0) || unit.IsEmpty(1))
            unit.StackFault(overflow: false);
        else if (!X87Arithmetic.TryNaN(a, b, ref unit.Environment, out result))
            result = Reduce(a, b, ref unit.Environment, out conditions, out computed);

        // Without a quotient its bits stay as they were, but the reduction counts as complete.
        if (computed)
            unit.SetConditions(X87Unit.Conditions, conditions);
        else
            unit.SetConditions(X87Unit.C2, 0);
        if (!unit.Aborted)
            unit.Write(0, result);
        unit.Commit();
        return true;
    }

    private static X87Value Reduce(X87Value a, X87Value b, ref FloatEnvironment environment, out ushort conditions, out bool computed)
    {
        conditions = 0;
        computed = false;
        Unpacked x = a.Unpack(), y = b.Unpack();
        if (x.Class == FloatClass.Infinity || y.Class == FloatClass.Zero)
            return X87Arithmetic.Invalid(ref environment);
        if (X87Arithmetic.Denormal(x, y, ref environment))
            return default;
        computed = true;
        if (x.Class == FloatClass.Zero)
            return a;

        int difference = x.Exponent - y.Exponent;
        if (y.Class == FloatClass.Infinity || difference < -1)
            return X87Rounding.Pack(WideFloat.From(x), 64, ref environment, out _);
        int steps = difference >= Reach ? Step - ((Step - difference) & 31) : difference;
        bool partial = difference >= Reach;
        int shift = Math.Max(steps, 0);
        UInt128 remainder = x.Significand;
        UInt128 divisor = y.Significand;
        if (difference < 0)
            divisor <<= 1;
        int exponent = difference < 0 ? x.Exponent : y.Exponent + (difference - shift);

        // One quotient bit at a time, most significant first.
        ulong quotient = 0;
        for (int i = 0; i <= shift; i++)
        {
            quotient <<= 1;
            if (remainder >= divisor)
            {
                remainder -= divisor;
                quotient |= 1;
            }

            if (i != shift)
                remainder <<= 1;
        }

        bool sign = x.Sign;
        if (!partial && TRounding.Mode(environment) != RoundingMode.TowardZero)
        {
            UInt128 twice = remainder << 1;
            if (twice > divisor || (twice == divisor && (quotient & 1) != 0))
            {
                remainder = divisor - remainder;
                sign = !sign;
                quotient++;
            }
        }

        conditions = partial
            ? X87Unit.C2
            : (ushort)(((quotient & 4) != 0 ? X87Unit.C0 : 0) | ((quotient & 2) != 0 ? X87Unit.C3 : 0) | ((quotient & 1) != 0 ? X87Unit.C1 : 0));
        if (remainder == UInt128.Zero)
            return X87Value.Zero(x.Sign);
        return X87Rounding.Pack(WideFloat.Normalise(sign, exponent + 64, remainder), 64, ref environment, out _);
    }
}
