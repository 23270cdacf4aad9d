namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>IMUL with two or three operands: the low half; CF and OF tell whether it is exact.</summary>
internal readonly struct Imul : IIntOp
{
    public static bool WritesResult => true;

    public static MicroOpClass ExecutionClass => MicroOpClass.Mul;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        long high = Math.BigMul(Width.SignExtend<W>(a), Width.SignExtend<W>(b), out long low);
        long kept = Width.SignExtend<W>((ulong)low);
        bool exact = kept == low && high == low >> 63;
        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | FlagMath.If(!exact, FlagBits.CF | FlagBits.OF);
        return (ulong)low;
    }
}

/// <summary>MUL of AL: the 16-bit product goes to AX. Instantiated at 16 bits.</summary>
internal readonly struct MulByte : IIntOp
{
    public static bool WritesResult => true;

    public static MicroOpClass ExecutionClass => MicroOpClass.Mul;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        uint product = (uint)(byte)a * (byte)b;
        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | FlagMath.If(product > 0xFF, FlagBits.CF | FlagBits.OF);
        return product;
    }
}

/// <summary>IMUL of AL.</summary>
internal readonly struct ImulByte : IIntOp
{
    public static bool WritesResult => true;

    public static MicroOpClass ExecutionClass => MicroOpClass.Mul;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        int product = (sbyte)a * (sbyte)b;
        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | FlagMath.If(product != (sbyte)product, FlagBits.CF | FlagBits.OF);
        return (ushort)product;
    }
}

/// <summary>MUL of AX, EAX, RAX: both halves.</summary>
internal readonly struct MulWide : IIntPairOp
{
    public static MicroOpClass ExecutionClass => MicroOpClass.Mul;

    public static bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth
    {
        high = Math.BigMul(a, b, out low);
        if (W.Bits < 64)
        {
            high = low >> W.Bits;
            low = Width.Truncate<W>(low);
        }

        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | FlagMath.If(high != 0, FlagBits.CF | FlagBits.OF);
        return true;
    }
}

/// <summary>IMUL of AX, EAX, RAX: both halves.</summary>
internal readonly struct ImulWide : IIntPairOp
{
    public static MicroOpClass ExecutionClass => MicroOpClass.Mul;

    public static bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth
    {
        long top = Math.BigMul(Width.SignExtend<W>(a), Width.SignExtend<W>(b), out long bottom);
        bool exact = Width.SignExtend<W>((ulong)bottom) == bottom && top == bottom >> 63;
        low = (ulong)bottom;
        high = W.Bits < 64 ? (ulong)(bottom >> W.Bits) : (ulong)top;
        flags = (flags & ~(FlagBits.CF | FlagBits.OF)) | FlagMath.If(!exact, FlagBits.CF | FlagBits.OF);
        return true;
    }
}

/// <summary>MULX: no flags; the caller puts the low half in the second destination.</summary>
internal readonly struct Mulx : IIntPairOp
{
    public static MicroOpClass ExecutionClass => MicroOpClass.Mul;

    public static bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth
    {
        uint dropped = 0;
        return MulWide.Execute<W>(a, b, c, out low, out high, ref dropped);
    }
}
