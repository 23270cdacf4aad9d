using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Vector;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>A 64-bit packed operation.</summary>
internal interface IMmxOp
{
    /// <summary>Computes the result; operations with one source read <paramref name="b"/>.</summary>
    static abstract ulong Execute(ulong a, ulong b, int control);
}

/// <summary>The lower half of the 128-bit operation.</summary>
internal readonly struct MmxLow<TOp> : IMmxOp
    where TOp : struct, IVecOp
{
    public static ulong Execute(ulong a, ulong b, int control) =>
        TOp.Execute(Vector128.CreateScalar(a), Vector128.CreateScalar(b), control).GetElement(0);
}

/// <summary>Packs and horizontal operations: the 128-bit operation on both sources side by side.</summary>
internal readonly struct MmxJoined<TOp> : IMmxOp
    where TOp : struct, IVecOp
{
    public static ulong Execute(ulong a, ulong b, int control) => TOp.Execute(Vector128.Create(a, b), default, control).GetElement(0);
}

/// <summary>Unpacks of upper lanes: the upper half of the 128-bit unpack of lower lanes.</summary>
internal readonly struct MmxHigh<TOp> : IMmxOp
    where TOp : struct, IVecOp
{
    public static ulong Execute(ulong a, ulong b, int control) =>
        TOp.Execute(Vector128.CreateScalar(a), Vector128.CreateScalar(b), control).GetElement(1);
}

/// <summary>PSHUFB of eight bytes.</summary>
internal readonly struct MmxShuffleBytes : IMmxOp
{
    public static ulong Execute(ulong a, ulong b, int control) => MmxLow<PShufB>.Execute(a, b & 0x8787_8787_8787_8787, control);
}

/// <summary>PSHUFW.</summary>
internal readonly struct MmxShuffleWords : IMmxOp
{
    public static ulong Execute(ulong a, ulong b, int control) => Shuffles.Words(b, control);
}

/// <summary>PALIGNR of eight bytes.</summary>
internal readonly struct MmxAlign : IMmxOp
{
    public static ulong Execute(ulong a, ulong b, int control) => control > 15 ? 0 : (ulong)(new UInt128(a, b) >> (control * 8));
}

/// <summary>MOVQ.</summary>
internal readonly struct MmxMove : IMmxOp
{
    public static ulong Execute(ulong a, ulong b, int control) => b;
}

/// <summary>PINSRW.</summary>
internal readonly struct MmxInsertWord : IMmxOp
{
    public static ulong Execute(ulong a, ulong b, int control)
    {
        int shift = (control & 3) * 16;
        return (a & ~(0xFFFFUL << shift)) | ((b & 0xFFFF) << shift);
    }
}

/// <summary>PEXTRW.</summary>
internal readonly struct MmxExtractWord : IMmxOp
{
    public static ulong Execute(ulong a, ulong b, int control) => (ushort)(b >> ((control & 3) * 16));
}

/// <summary>PMOVMSKB.</summary>
internal readonly struct MmxMask : IMmxOp
{
    public static ulong Execute(ulong a, ulong b, int control) => Vector128.CreateScalar(b).AsByte().ExtractMostSignificantBits();
}
