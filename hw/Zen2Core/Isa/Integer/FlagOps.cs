namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>CLC.</summary>
internal readonly struct ClearCarry : IIntOp
{
    public static bool WritesResult => false;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags &= ~FlagBits.CF;
        return 0;
    }
}

/// <summary>STC.</summary>
internal readonly struct SetCarry : IIntOp
{
    public static bool WritesResult => false;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags |= FlagBits.CF;
        return 0;
    }
}

/// <summary>CMC.</summary>
internal readonly struct ComplementCarry : IIntOp
{
    public static bool WritesResult => false;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags ^= FlagBits.CF;
        return 0;
    }
}

/// <summary>LAHF: the result goes to AH.</summary>
internal readonly struct FlagsToByte : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => (flags & 0xFF) | SystemFlagBits.AlwaysOne;
}

/// <summary>SAHF: a is AH; OF stays.</summary>
internal readonly struct ByteToFlags : IIntOp
{
    public static bool WritesResult => false;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags = (flags & FlagBits.OF) | ((uint)a & FlagBits.All & 0xFF);
        return 0;
    }
}

/// <summary>SALC: AL = CF ? FFh : 0.</summary>
internal readonly struct CarryToByte : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => (flags & FlagBits.CF) != 0 ? 0xFFUL : 0;
}

/// <summary>CWD, CDQ, CQO: the sign of b in every bit.</summary>
internal readonly struct SignFill : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => (ulong)(Width.SignExtend<W>(b) >> 63);
}
