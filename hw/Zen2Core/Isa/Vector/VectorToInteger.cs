using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>MOVD and MOVQ to a general-purpose register; the control is the width in bytes.</summary>
internal readonly struct MoveToInt : IVecToIntOp
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment) =>
        control == 4 ? (uint)b[0] : b[0];
}

/// <summary>PMOVMSKB.</summary>
internal readonly struct PMovMskB : IVecToIntOp
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment) =>
        b.AsByte().ExtractMostSignificantBits();
}

/// <summary>MOVMSKPS.</summary>
internal readonly struct MovMskPS : IVecToIntOp
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment) =>
        b.AsUInt32().ExtractMostSignificantBits();
}

/// <summary>MOVMSKPD.</summary>
internal readonly struct MovMskPD : IVecToIntOp
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment) =>
        b.ExtractMostSignificantBits();
}

/// <summary>PEXTRB, PEXTRW, PEXTRD, PEXTRQ, EXTRACTPS.</summary>
/// <typeparam name="TLane">Unsigned integer of the lane's width.</typeparam>
internal readonly struct PExtr<TLane> : IVecToIntOp
    where TLane : unmanaged
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment)
    {
        TLane lane = b.As<ulong, TLane>().GetElement(control & (Vector128<TLane>.Count - 1));
        return Vector128.CreateScalar(lane).AsUInt64().GetElement(0);
    }
}

/// <summary>UCOMISS, UCOMISD, COMISS, COMISD: ZF, PF and CF; OF, SF and AF become zero.</summary>
internal readonly struct ComIs<TFormat, TSignals> : IVecToIntOp
    where TFormat : struct, IFloatFormat
    where TSignals : struct, IQuietNaNs
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment)
    {
        ulong mask = ulong.MaxValue >> (64 - Format<TFormat>.Width);
        flags = FloatCompare.Compare<TFormat>(a[0] & mask, b[0] & mask, TSignals.Signal, ref environment) switch
        {
            FloatRelation.Greater => 0,
            FloatRelation.Less => FlagBits.CF,
            FloatRelation.Equal => FlagBits.ZF,
            _ => FlagBits.ZF | FlagBits.PF | FlagBits.CF,
        };
        return 0;
    }
}

/// <summary>Whether quiet NaNs raise invalid-operation.</summary>
internal interface IQuietNaNs
{
    /// <summary>True for the COMI instructions, false for UCOMI.</summary>
    static abstract bool Signal { get; }
}

/// <summary>COMIxx.</summary>
internal readonly struct QuietSignals : IQuietNaNs
{
    public static bool Signal => true;
}

/// <summary>UCOMIxx.</summary>
internal readonly struct QuietPasses : IQuietNaNs
{
    public static bool Signal => false;
}

/// <summary>PTEST: ZF when a and b have no common bit, CF when b has no bit outside a.</summary>
internal readonly struct PTest : IVecToIntOp
{
    public static ulong Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref uint flags, ref FloatEnvironment environment)
    {
        flags = (a & b) == Vector128<ulong>.Zero ? FlagBits.ZF : 0;
        if ((~a & b) == Vector128<ulong>.Zero)
            flags |= FlagBits.CF;
        return 0;
    }
}
