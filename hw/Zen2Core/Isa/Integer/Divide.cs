namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>DIV of DX:AX, EDX:EAX, RDX:RAX; #DE when the divisor is zero or the quotient does not fit. Flags stay.</summary>
internal readonly struct DivWide : IIntPairOp
{
    public static MicroOpClass ExecutionClass => MicroOpClass.Div;

    public static bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth
    {
        low = high = 0;
        // The quotient fits exactly when the high half is smaller than the divisor; that covers zero divisors too.
        if (c >= b)
            return false;
        if (W.Bits < 64 || c == 0)
        {
            ulong dividend = W.Bits < 64 ? (c << (W.Bits & 63)) | a : a;
            (low, high) = Math.DivRem(dividend, b);
            return true;
        }

        (UInt128 quotient, UInt128 remainder) = UInt128.DivRem(new UInt128(c, a), b);
        low = (ulong)quotient;
        high = (ulong)remainder;
        return true;
    }
}

/// <summary>IDIV.</summary>
internal readonly struct IdivWide : IIntPairOp
{
    public static MicroOpClass ExecutionClass => MicroOpClass.Div;

    public static bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth
    {
        low = high = 0;
        long divisor = Width.SignExtend<W>(b);
        if (divisor == 0)
            return false;
        Int128 dividend = W.Bits < 64
            ? (long)(((ulong)Width.SignExtend<W>(c) << (W.Bits & 63)) | a)
            : new Int128(c, a);
        if (dividend >= long.MinValue && dividend <= long.MaxValue && divisor != -1)
        {
            (long small, long rest) = Math.DivRem((long)dividend, divisor);
            low = (ulong)small;
            high = (ulong)rest;
            return Width.SignExtend<W>(low) == small;
        }

        // The most negative dividend by -1 overflows 128-bit division itself.
        if (divisor == -1 && dividend == Int128.MinValue)
            return false;
        (Int128 quotient, Int128 remainder) = Int128.DivRem(dividend, divisor);
        low = (ulong)quotient;
        high = (ulong)remainder;
        return Width.SignExtend<W>(low) == quotient;
    }
}

/// <summary>DIV of AX by a byte: quotient to AL, remainder to AH, as one 16-bit result.</summary>
internal readonly struct DivByte : IIntPairOp
{
    public static MicroOpClass ExecutionClass => MicroOpClass.Div;

    public static bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth
    {
        low = high = 0;
        uint divisor = (byte)b;
        if (divisor == 0)
            return false;
        (uint quotient, uint remainder) = Math.DivRem((uint)(ushort)a, divisor);
        low = quotient | (remainder << 8);
        return quotient <= byte.MaxValue;
    }
}

/// <summary>IDIV of AX by a byte.</summary>
internal readonly struct IdivByte : IIntPairOp
{
    public static MicroOpClass ExecutionClass => MicroOpClass.Div;

    public static bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth
    {
        low = high = 0;
        int divisor = (sbyte)b;
        if (divisor == 0)
            return false;
        (int quotient, int remainder) = Math.DivRem((short)a, divisor);
        low = (byte)quotient | ((ulong)(byte)remainder << 8);
        return quotient == (sbyte)quotient;
    }
}
