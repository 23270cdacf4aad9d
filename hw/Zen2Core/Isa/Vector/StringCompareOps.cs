using System.Numerics;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Float;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PCMPISTRx: strings end at a zero element.</summary>
internal readonly struct CompareImplicit : IVecToIntOp
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment) =>
        StringCompare.Compare(a, StringCompare.ImplicitLength(a, control), b, StringCompare.ImplicitLength(b, control), control, out flags);
}

/// <summary>PCMPESTRx: the third source is what <see cref="PackLengths{W}"/> made of RAX and RDX.</summary>
internal readonly struct CompareExplicit : IVecToInt3Op
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, ulong c, int control, ref uint flags) => StringCompare.Compare(
        a, StringCompare.ExplicitLength((sbyte)c, control), b, StringCompare.ExplicitLength((sbyte)(c >> 8), control), control, out flags);
}

/// <summary>The result of PCMPxSTRM.</summary>
internal readonly struct CompareMask : IIntToVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, ulong b, int control, ref FloatEnvironment environment) => StringCompare.Mask((uint)b, control);
}

/// <summary>The result of PCMPxSTRI: a holds the bits, b the control.</summary>
internal readonly struct CompareIndex : IIntOp
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => (ulong)StringCompare.Index((uint)a, (int)b);
}

/// <summary>The explicit lengths in RAX (a) and RDX (b), each limited to -17 .. 17, in two bytes.</summary>
/// <typeparam name="TLength">Width of the length registers.</typeparam>
internal readonly struct PackLengths<TLength> : IIntOp
    where TLength : struct, IWidth
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => (byte)Limit(a) | ((ulong)(byte)Limit(b) << 8);

    private static long Limit(ulong length) => Math.Clamp(Width.SignExtend<TLength>(length), -17, 17);
}

/// <summary>CRC32: the Castagnoli checksum of a source of the given width.</summary>
internal readonly struct Crc32<TSource> : IIntOp
    where TSource : struct, IWidth
{
    public static bool WritesResult => true;

    public static ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth => TSource.Bits switch
        {
            8 => BitOperations.Crc32C((uint)a, (byte)b),
            16 => BitOperations.Crc32C((uint)a, (ushort)b),
            32 => BitOperations.Crc32C((uint)a, (uint)b),
            _ => BitOperations.Crc32C((uint)a, b),
        };
}
