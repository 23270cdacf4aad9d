using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PBLENDVB: bytes of b where the mask's sign bits are set.</summary>
internal readonly struct PBlendVB : IVecOp3
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, int control) =>
        Vector128.ConditionalSelect((c.AsSByte() >> 7).AsUInt64(), b, a);
}

/// <summary>BLENDVPS.</summary>
internal readonly struct BlendVPS : IVecOp3
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, int control) =>
        Vector128.ConditionalSelect((c.AsInt32() >> 31).AsUInt64(), b, a);
}

/// <summary>BLENDVPD.</summary>
internal readonly struct BlendVPD : IVecOp3
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, int control) =>
        Vector128.ConditionalSelect((c.AsInt64() >> 63).AsUInt64(), b, a);
}
