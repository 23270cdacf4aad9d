namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>Fused multiply-add with one rounding (FMA3).</summary>
public static class FloatMultiplyAdd
{
    /// <summary>(±a x b) ± c.</summary>
    /// <param name="a">First factor; a NaN here has precedence.</param>
    /// <param name="b">Second factor.</param>
    /// <param name="c">Addend.</param>
    /// <param name="negateProduct">Negate the product (VFNMADD, VFNMSUB).</param>
    /// <param name="negateAddend">Negate the addend (VFMSUB, VFNMSUB).</param>
    /// <param name="environment">Control in, exceptions out.</param>
    /// <returns>The rounded result.</returns>
    public static ulong Execute<TFormat>(ulong a, ulong b, ulong c, bool negateProduct, bool negateAddend, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        Unpacked x = Unpacked.From<TFormat>(a, environment);
        Unpacked y = Unpacked.From<TFormat>(b, environment);
        Unpacked z = Unpacked.From<TFormat>(c, environment);
        bool infinite = x.Class == FloatClass.Infinity || y.Class == FloatClass.Infinity;
        bool zero = x.Class == FloatClass.Zero || y.Class == FloatClass.Zero;
        if (x.Class == FloatClass.NaN || y.Class == FloatClass.NaN || z.Class == FloatClass.NaN)
            return Propagate<TFormat>(a, b, c, ref environment);

        x.Sign ^= negateProduct;
        z.Sign ^= negateAddend;
        bool productSign = x.Sign ^ y.Sign;
        if (infinite && (zero || (z.Class == FloatClass.Infinity && z.Sign != productSign)))
            return FloatArithmetic.Invalid<TFormat>(ref environment);
        if ((x.WasDenormal || y.WasDenormal || z.WasDenormal) && environment.RaiseEarly(FloatEnvironment.Denormal))
            return 0;
        if (infinite || z.Class == FloatClass.Infinity)
            return Format<TFormat>.Infinity | ((infinite ? productSign : z.Sign) ? Format<TFormat>.SignBit : 0);
        return Finite<TFormat>(x, y, z, zero, ref environment);
    }

    private static ulong Finite<TFormat>(in Unpacked x, in Unpacked y, in Unpacked z, bool zero, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        bool productSign = x.Sign ^ y.Sign;
        bool roundsDown = environment.Rounding == RoundingMode.Down;
        if (zero)
        {
            if (z.Class != FloatClass.Zero)
                return FloatRounding.Pack<TFormat>(WideFloat.From(z), ref environment);
            bool negative = productSign == z.Sign ? productSign : roundsDown;
            return negative ? Format<TFormat>.SignBit : 0;
        }

        WideFloat product = WideFloat.Multiply(x, y);
        if (z.Class == FloatClass.Zero)
            return FloatRounding.Pack<TFormat>(product, ref environment);

        // Two significands of at most 53 bits leave more than two low bits of the product clear, as the addition asks.
        WideFloat sum = WideFloat.Add(
            product.Sign, product.Exponent, new UInt128(product.High, product.Low), z.Sign, z.Exponent, (UInt128)z.Significand << 64);
        if (sum.IsZero)
            return roundsDown ? Format<TFormat>.SignBit : 0;
        return FloatRounding.Pack<TFormat>(sum, ref environment);
    }

    private static ulong Propagate<TFormat>(ulong a, ulong b, ulong c, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        if (Format<TFormat>.IsSignalling(a) || Format<TFormat>.IsSignalling(b) || Format<TFormat>.IsSignalling(c))
            environment.Raised |= FloatEnvironment.Invalid;
        ulong nan = Format<TFormat>.IsNaN(a) ? a : Format<TFormat>.IsNaN(b) ? b : c;
        return nan | Format<TFormat>.QuietBit;
    }
}
