using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>ADD (AMD APM vol. 3).</summary>
internal readonly struct Add : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a + b;
        flags = FlagMath.Add<W>(a, b, result);
        return result;
    }
}

/// <summary>ADC.</summary>
internal readonly struct Adc : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a + b + (flags & FlagBits.CF);
        flags = FlagMath.Add<W>(a, b, result);
        return result;
    }
}

/// <summary>SUB.</summary>
internal readonly struct Sub : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a - b;
        flags = FlagMath.Subtract<W>(a, b, result);
        return result;
    }
}

/// <summary>SBB.</summary>
internal readonly struct Sbb : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a - b - (flags & FlagBits.CF);
        flags = FlagMath.Subtract<W>(a, b, result);
        return result;
    }
}

/// <summary>CMP.</summary>
internal readonly struct Cmp : IIntOp
{
    public static bool WritesResult => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        flags = FlagMath.Subtract<W>(a, b, a - b);
        return 0;
    }
}

/// <summary>INC: like ADD 1 but carry stays.</summary>
internal readonly struct Inc : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a + 1;
        flags = (flags & FlagBits.CF) | (FlagMath.Add<W>(a, 1, result) & ~FlagBits.CF);
        return result;
    }
}

/// <summary>DEC: like SUB 1 but carry stays.</summary>
internal readonly struct Dec : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a - 1;
        flags = (flags & FlagBits.CF) | (FlagMath.Subtract<W>(a, 1, result) & ~FlagBits.CF);
        return result;
    }
}

/// <summary>NEG.</summary>
internal readonly struct Neg : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = 0 - a;
        flags = FlagMath.Subtract<W>(0, a, result);
        return result;
    }
}

/// <summary>ADCX: adds with CF, changes only CF.</summary>
internal readonly struct Adcx : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a + b + (flags & FlagBits.CF);
        flags = (flags & ~FlagBits.CF) | (FlagMath.Add<W>(a, b, result) & FlagBits.CF);
        return result;
    }
}

/// <summary>ADOX: adds with OF as carry, changes only OF.</summary>
internal readonly struct Adox : IIntOp
{
    public static bool WritesResult => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth
    {
        ulong result = a + b + ((flags >> 11) & 1);
        flags = (flags & ~FlagBits.OF) | ((FlagMath.Add<W>(a, b, result) & FlagBits.CF) << 11);
        return result;
    }
}
