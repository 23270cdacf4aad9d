using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Encoding and width of a vector micro-op: what becomes of the upper half of the destination (AMD APM vol. 1, 4.1.2).</summary>
internal unsafe interface IVecShape
{
    /// <summary>True for 256-bit forms.</summary>
    static abstract bool Wide { get; }

    /// <summary>True for legacy forms, which keep the upper half.</summary>
    static abstract bool Legacy { get; }

    /// <summary>Suffix of micro-op names.</summary>
    static abstract string Suffix { get; }
}

/// <summary>Legacy SSE: 128 bits, the upper half of the destination stays.</summary>
internal readonly struct LegacyShape : IVecShape
{
    public static bool Wide => false;

    public static bool Legacy => true;

    public static string Suffix => string.Empty;
}

/// <summary>VEX.128: the upper half of the destination becomes zero.</summary>
internal readonly struct Vex128Shape : IVecShape
{
    public static bool Wide => false;

    public static bool Legacy => false;

    public static string Suffix => ".v128";
}

/// <summary>VEX.256.</summary>
internal readonly struct Vex256Shape : IVecShape
{
    public static bool Wide => true;

    public static bool Legacy => false;

    public static string Suffix => ".v256";
}

/// <summary>Halves of vector registers, in the state and in <see cref="ExecArgs"/>.</summary>
internal static unsafe class VecAccess
{
    /// <summary>Reads the lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Low(byte* register) => Unsafe.ReadUnaligned<Vector128<ulong>>(register);

    /// <summary>Reads the upper half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> High(byte* register) => Unsafe.ReadUnaligned<Vector128<ulong>>(register + 16);

    /// <summary>Writes the lower half and does to the upper one what the shape says.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<TShape>(byte* register, Vector128<ulong> low)
        where TShape : struct, IVecShape
    {
        Unsafe.WriteUnaligned(register, low);
        if (!TShape.Legacy)
            Unsafe.WriteUnaligned(register + 16, Vector128<ulong>.Zero);
    }

    /// <summary>Writes both halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* register, Vector128<ulong> low, Vector128<ulong> high)
    {
        Unsafe.WriteUnaligned(register, low);
        Unsafe.WriteUnaligned(register + 16, high);
    }

    /// <summary>
    /// The upper half of a narrow result. A legacy form that overwrites its first source passes that source's upper half on; one
    /// that only writes keeps the old one where <see cref="MicroOpMarks.MergesDst"/> says so, else it is known to be zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Upper<TShape>(ExecArgs* e, MicroOp* op)
        where TShape : struct, IVecShape
    {
        if (!TShape.Legacy)
            return default;
        if ((op->Marks & MicroOpMarks.MergesDst) != 0)
            return e->VOld.GetUpper();
        return op->A == op->Dst ? e->VA.GetUpper() : default;
    }

    /// <summary>Value function of zero idioms in the detailed engine: all zero, but a legacy form keeps its old upper half.</summary>
    public static void ZeroIdiomValue(ExecArgs* e, MicroOp* op)
    {
        bool legacy = ((Code)op->Form).Encoding() == EncodingKind.Legacy;
        e->VResult = Vector256.Create(default, legacy ? e->VOld.GetUpper() : default);
    }
}
