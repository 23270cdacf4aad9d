using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>VPSLLVD.</summary>
internal readonly struct PSllVD : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> x = a.AsUInt32(), counts = b.AsUInt32(), result = default;
        for (int i = 0; i < 4; i++)
            result = result.WithElement(i, counts[i] > 31 ? 0 : x[i] << (int)counts[i]);
        return result.AsUInt64();
    }
}

/// <summary>VPSRLVD.</summary>
internal readonly struct PSrlVD : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> x = a.AsUInt32(), counts = b.AsUInt32(), result = default;
        for (int i = 0; i < 4; i++)
            result = result.WithElement(i, counts[i] > 31 ? 0 : x[i] >> (int)counts[i]);
        return result.AsUInt64();
    }
}

/// <summary>VPSRAVD.</summary>
internal readonly struct PSraVD : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<int> x = a.AsInt32(), result = default;
        Vector128<uint> counts = b.AsUInt32();
        for (int i = 0; i < 4; i++)
            result = result.WithElement(i, x[i] >> (int)Math.Min(counts[i], 31));
        return result.AsUInt64();
    }
}

/// <summary>VPSLLVQ.</summary>
internal readonly struct PSllVQ : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(b[0] > 63 ? 0 : a[0] << (int)b[0], b[1] > 63 ? 0 : a[1] << (int)b[1]);
}

/// <summary>VPSRLVQ.</summary>
internal readonly struct PSrlVQ : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(b[0] > 63 ? 0 : a[0] >> (int)b[0], b[1] > 63 ? 0 : a[1] >> (int)b[1]);
}

/// <summary>VPERMILPS with a control register.</summary>
internal readonly struct PermuteSingles : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Shuffle(a.AsUInt32(), b.AsUInt32() & Vector128.Create(3u)).AsUInt64();
}

/// <summary>VPERMILPD with a control register: bit 1 of each quadword.</summary>
internal readonly struct PermuteDoubles : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(a[(int)(b[0] >> 1) & 1], a[(int)(b[1] >> 1) & 1]);
}

/// <summary>VPERMILPD with an immediate.</summary>
internal readonly struct PermuteDoublesImm : IVecOp
{
    public static int UpperControl(int control) => control >> 2;

    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(b[control & 1], b[(control >> 1) & 1]);
}
