using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>MOVD and MOVQ from a general-purpose register; the control is the width in bytes.</summary>
internal readonly struct MoveFromInt : IIntToVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, ulong b, int control, ref FloatEnvironment environment) =>
        Vector128.CreateScalar(control == 4 ? (uint)b : b);
}

/// <summary>PINSRB, PINSRW, PINSRD, PINSRQ.</summary>
/// <typeparam name="TLane">Unsigned integer of the lane's width.</typeparam>
internal readonly struct PInsr<TLane> : IIntToVecOp
    where TLane : unmanaged
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, ulong b, int control, ref FloatEnvironment environment)
    {
        TLane lane = Vector128.CreateScalar(b).As<ulong, TLane>().GetElement(0);
        return a.As<ulong, TLane>().WithElement(control & (Vector128<TLane>.Count - 1), lane).AsUInt64();
    }
}
