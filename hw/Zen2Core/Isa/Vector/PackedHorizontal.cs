using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PHADDW.</summary>
internal readonly struct PHAddW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<short> even = Lanes.Even(a.AsInt16(), b.AsInt16());
        Vector128<short> odd = Lanes.Odd(a.AsInt16(), b.AsInt16());
        return (even + odd).AsUInt64();
    }
}

/// <summary>PHSUBW.</summary>
internal readonly struct PHSubW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<short> even = Lanes.Even(a.AsInt16(), b.AsInt16());
        Vector128<short> odd = Lanes.Odd(a.AsInt16(), b.AsInt16());
        return (even - odd).AsUInt64();
    }
}

/// <summary>PHADDSW.</summary>
internal readonly struct PHAddSW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<short> even = Lanes.Even(a.AsInt16(), b.AsInt16());
        Vector128<short> odd = Lanes.Odd(a.AsInt16(), b.AsInt16());
        return Vector128.AddSaturate(even, odd).AsUInt64();
    }
}

/// <summary>PHSUBSW.</summary>
internal readonly struct PHSubSW : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<short> even = Lanes.Even(a.AsInt16(), b.AsInt16());
        Vector128<short> odd = Lanes.Odd(a.AsInt16(), b.AsInt16());
        return Vector128.SubtractSaturate(even, odd).AsUInt64();
    }
}

/// <summary>PHADDD.</summary>
internal readonly struct PHAddD : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<int> even = Lanes.Even(a.AsInt32(), b.AsInt32());
        Vector128<int> odd = Lanes.Odd(a.AsInt32(), b.AsInt32());
        return (even + odd).AsUInt64();
    }
}

/// <summary>PHSUBD.</summary>
internal readonly struct PHSubD : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<int> even = Lanes.Even(a.AsInt32(), b.AsInt32());
        Vector128<int> odd = Lanes.Odd(a.AsInt32(), b.AsInt32());
        return (even - odd).AsUInt64();
    }
}

/// <summary>Even and odd lanes of two vectors side by side.</summary>
internal static class Lanes
{
    /// <summary>Lanes 0, 2, 4, 6 of a, then of b.</summary>
    public static Vector128<short> Even(Vector128<short> a, Vector128<short> b) =>
        Vector128.Narrow(a.AsInt32(), b.AsInt32());

    /// <summary>Lanes 1, 3, 5, 7 of a, then of b.</summary>
    public static Vector128<short> Odd(Vector128<short> a, Vector128<short> b) =>
        Vector128.Narrow(a.AsInt32() >> 16, b.AsInt32() >> 16);

    /// <summary>Lanes 0, 2 of a, then of b.</summary>
    public static Vector128<int> Even(Vector128<int> a, Vector128<int> b) =>
        Vector128.Narrow(a.AsInt64(), b.AsInt64());

    /// <summary>Lanes 1, 3 of a, then of b.</summary>
    public static Vector128<int> Odd(Vector128<int> a, Vector128<int> b) =>
        Vector128.Narrow(a.AsInt64() >> 32, b.AsInt64() >> 32);
}
