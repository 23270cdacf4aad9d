using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PMULLW.</summary>
internal readonly struct PMulLW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsInt16() * b.AsInt16()).AsUInt64();
}

/// <summary>PMULLD.</summary>
internal readonly struct PMulLD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a.AsInt32() * b.AsInt32()).AsUInt64();
}

/// <summary>PMULHW: upper half of the signed product.</summary>
internal readonly struct PMulHW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        (Vector128<int> aLow, Vector128<int> aHigh) = Vector128.Widen(a.AsInt16());
        (Vector128<int> bLow, Vector128<int> bHigh) = Vector128.Widen(b.AsInt16());
        return Vector128.Narrow((aLow * bLow) >> 16, (aHigh * bHigh) >> 16).AsUInt64();
    }
}

/// <summary>PMULHUW: upper half of the unsigned product.</summary>
internal readonly struct PMulHUW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        (Vector128<uint> aLow, Vector128<uint> aHigh) = Vector128.Widen(a.AsUInt16());
        (Vector128<uint> bLow, Vector128<uint> bHigh) = Vector128.Widen(b.AsUInt16());
        return Vector128.Narrow((aLow * bLow) >> 16, (aHigh * bHigh) >> 16).AsUInt64();
    }
}

/// <summary>PMULHRSW: signed product, scaled by 2^-15 and rounded.</summary>
internal readonly struct PMulHRSW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        (Vector128<int> aLow, Vector128<int> aHigh) = Vector128.Widen(a.AsInt16());
        (Vector128<int> bLow, Vector128<int> bHigh) = Vector128.Widen(b.AsInt16());
        return Vector128.Narrow((((aLow * bLow) >> 14) + Vector128<int>.One) >> 1, (((aHigh * bHigh) >> 14) + Vector128<int>.One) >> 1).AsUInt64();
    }
}

/// <summary>PMULUDQ.</summary>
internal readonly struct PMulUDQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (a & Vector128.Create(0xFFFF_FFFFUL)) * (b & Vector128.Create(0xFFFF_FFFFUL));
}

/// <summary>PMULDQ: signed.</summary>
internal readonly struct PMulDQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        (((a << 32).AsInt64() >> 32) * ((b << 32).AsInt64() >> 32)).AsUInt64();
}

/// <summary>PMADDWD: sums of adjacent signed products.</summary>
internal readonly struct PMAddWD : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<int> x = a.AsInt32(), y = b.AsInt32();
        Vector128<int> even = ((x << 16) >> 16) * ((y << 16) >> 16);
        Vector128<int> odd = (x >> 16) * (y >> 16);
        return (even + odd).AsUInt64();
    }
}

/// <summary>PMADDUBSW: unsigned bytes of a times signed bytes of b, adjacent products added with saturation.</summary>
internal readonly struct PMAddUBSW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<short> even = (a.AsInt16() & Vector128.Create((short)0xFF)) * ((b.AsInt16() << 8) >> 8);
        Vector128<short> odd = (a.AsUInt16() >>> 8).AsInt16() * (b.AsInt16() >> 8);
        return Vector128.AddSaturate(even, odd).AsUInt64();
    }
}

/// <summary>PSADBW: sums of absolute byte differences.</summary>
internal readonly struct PSadBW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<byte> x = a.AsByte(), y = b.AsByte();
        Vector128<byte> difference = Vector128.Max(x, y) - Vector128.Min(x, y);
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(difference);
        return Vector128.Create((ulong)Vector128.Sum(low), Vector128.Sum(high));
    }
}

/// <summary>MPSADBW: eight sums of four absolute differences.</summary>
internal readonly struct MPSadBW : IVecOp
{
    public static int UpperControl(int control) => control >> 3;

    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        // Bit 2 selects the block of a in words, bits 0-1 the block of b in double words.
        int from = control & 4;
        int against = (control & 3) * 4;
        Vector128<byte> x = a.AsByte(), y = b.AsByte();
        Vector128<ushort> result = default;
        for (int i = 0; i < 8; i++)
        {
            int sum = 0;
            for (int k = 0; k < 4; k++)
                sum += Math.Abs(x[from + i + k] - y[against + k]);
            result = result.WithElement(i, (ushort)sum);
        }

        return result.AsUInt64();
    }
}

/// <summary>PHMINPOSUW: smallest word and its place.</summary>
internal readonly struct PHMinPosUW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<ushort> words = b.AsUInt16();
        int best = 0;
        for (int i = 1; i < 8; i++)
        {
            if (words[i] < words[best])
                best = i;
        }

        return Vector128.Create((ulong)words[best] | ((ulong)best << 16), 0);
    }
}
