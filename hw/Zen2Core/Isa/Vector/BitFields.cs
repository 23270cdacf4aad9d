using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>SSE4a EXTRQ and INSERTQ (AMD APM vol. 4): bit fields of the low quadword; the upper one is undefined, here zero as on hardware.</summary>
internal static class BitFields
{
    /// <summary>Field mask; a length of 0 stands for 64.</summary>
    public static ulong Mask(int length) => (length & 63) == 0 ? ulong.MaxValue : (1UL << (length & 63)) - 1;

    /// <summary>Extracts a field.</summary>
    public static Vector128<ulong> Extract(ulong value, int length, int index) =>
        Vector128.CreateScalar((value >> (index & 63)) & Mask(length));

    /// <summary>Inserts a field.</summary>
    public static Vector128<ulong> Insert(ulong into, ulong value, int length, int index)
    {
        ulong mask = Mask(length) << (index & 63);
        return Vector128.CreateScalar((into & ~mask) | ((value << (index & 63)) & mask));
    }
}

/// <summary>EXTRQ with immediates: length in bits 0-7 of the control, index in bits 8-15.</summary>
internal readonly struct ExtrQImm : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        BitFields.Extract(a[0], control & 0x3F, control >> 8);
}

/// <summary>EXTRQ with length and index in the second register.</summary>
internal readonly struct ExtrQ : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        BitFields.Extract(a[0], (int)b[0] & 0x3F, (int)(b[0] >> 8) & 0x3F);
}

/// <summary>INSERTQ with immediates, as in <see cref="ExtrQImm"/>.</summary>
internal readonly struct InsertQImm : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        BitFields.Insert(a[0], b[0], control & 0x3F, control >> 8);
}

/// <summary>INSERTQ with length and index in the upper quadword of the second register.</summary>
internal readonly struct InsertQ : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        BitFields.Insert(a[0], b[0], (int)b[1] & 0x3F, (int)(b[1] >> 8) & 0x3F);
}
