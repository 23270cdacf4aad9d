using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>The lower half in both halves: shift counts of 256-bit forms, VBROADCASTI128 and VBROADCASTF128.</summary>
internal readonly struct DuplicateLow : IVecWideOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control) => Vector256.Create(b.GetLower(), b.GetLower());
}

/// <summary>VPERMD, VPERMPS: a holds the lane numbers.</summary>
internal readonly struct PermuteLanes : IVecWideOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control) =>
        Vector256.Shuffle(b.AsUInt32(), a.AsUInt32() & Vector256.Create(7u)).AsUInt64();
}

/// <summary>VPERMQ, VPERMPD.</summary>
internal readonly struct PermuteQuads : IVecWideOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control) =>
        Vector256.Create(b[control & 3], b[(control >> 2) & 3], b[(control >> 4) & 3], b[(control >> 6) & 3]);
}

/// <summary>VPERM2F128, VPERM2I128.</summary>
internal readonly struct PermuteHalves : IVecWideOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control) =>
        Vector256.Create(Select(a, b, control), Select(a, b, control >> 4));

    private static Vector128<ulong> Select(Vector256<ulong> a, Vector256<ulong> b, int field)
    {
        if ((field & 8) != 0)
            return default;
        Vector256<ulong> source = (field & 2) != 0 ? b : a;
        return (field & 1) != 0 ? source.GetUpper() : source.GetLower();
    }
}

/// <summary>VINSERTF128, VINSERTI128.</summary>
internal readonly struct InsertHalf : IVecWideOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control) =>
        (control & 1) != 0 ? Vector256.Create(a.GetLower(), b.GetLower()) : Vector256.Create(b.GetLower(), a.GetUpper());
}

/// <summary>VEXTRACTF128, VEXTRACTI128: the upper half becomes zero.</summary>
internal readonly struct ExtractHalf : IVecWideOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control) =>
        Vector256.Create((control & 1) != 0 ? b.GetUpper() : b.GetLower(), default);
}

/// <summary>VBROADCASTSS, VBROADCASTSD, VPBROADCASTx to 256 bits.</summary>
internal readonly struct BroadcastWide<TLane> : IVecWideOp
    where TLane : unmanaged
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control) =>
        Vector256.Create(b.As<ulong, TLane>()[0]).AsUInt64();
}

/// <summary>VBROADCASTSS, VPBROADCASTx to 128 bits.</summary>
internal readonly struct Broadcast<TLane> : IVecOp
    where TLane : unmanaged
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(b.As<ulong, TLane>()[0]).AsUInt64();
}
