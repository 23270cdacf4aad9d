using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>An operation on ST(0).</summary>
internal interface IX87Unary
{
    /// <summary>Computes the result; NaNs and unsupported encodings are done already.</summary>
    static abstract X87Value Compute(X87Value a, int precision, ref FloatEnvironment environment, out bool roundedUp);
}

/// <summary>ST(0) = op(ST(0)).</summary>
internal readonly struct X87OnTop<TOp> : IX87Instruction
    where TOp : struct, IX87Unary
{
    public static StackUse Use => StackUse.First | StackUse.IntoFirst;

    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        X87Value result = X87Value.DefaultNaN;
        if (unit.IsEmpty(0))
        {
            unit.StackFault(overflow: false);
        }
        else if (!X87Arithmetic.TryNaN(unit.Read(0), unit.Read(0), ref unit.Environment, out result))
        {
            result = TOp.Compute(unit.Read(0), unit.Precision, ref unit.Environment, out bool roundedUp);
            unit.SetC1(roundedUp && !unit.Aborted);
        }

        if (!unit.Aborted)
            unit.Write(0, result);
        unit.Commit();
        return true;
    }
}

/// <summary>FSQRT.</summary>
internal readonly struct X87SquareRoot : IX87Unary
{
    public static X87Value Compute(X87Value a, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked x = a.Unpack();
        if (x.Class == FloatClass.Zero)
            return a;
        if (x.Sign)
            return X87Arithmetic.Invalid(ref environment);
        if (x.Class == FloatClass.Infinity)
            return a;
        if (x.WasDenormal && environment.RaiseEarly(FloatEnvironment.Denormal))
            return default;
        return X87Rounding.Pack(WideFloat.SquareRoot(x), precision, ref environment, out roundedUp);
    }
}

/// <summary>FRNDINT.</summary>
internal readonly struct X87RoundToInteger : IX87Unary
{
    public static X87Value Compute(X87Value a, int precision, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        Unpacked x = a.Unpack();
        if (x.WasDenormal && environment.RaiseEarly(FloatEnvironment.Denormal))
            return default;
        if (x.Class != FloatClass.Finite || x.Exponent >= 63)
            return a;
        FloatConvert.TryRoundToInteger(x, environment.Rounding, out ulong magnitude, out bool inexact);
        if (inexact)
        {
            environment.Raised |= FloatEnvironment.Inexact;
            FloatConvert.TryRoundToInteger(x, RoundingMode.TowardZero, out ulong truncated, out _);
            roundedUp = magnitude != truncated;
        }

        if (magnitude == 0)
            return X87Value.Zero(x.Sign);
        WideFloat whole = WideFloat.Normalise(x.Sign, 127, magnitude);
        return X87Rounding.Pack(whole, 64, ref environment, out _);
    }
}
