using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>The lower half in both halves: shift counts of 256-bit forms, VBROADCASTI128 and VBROADCASTF128.</summary>
internal readonly struct DuplicateLow : IVecWideOp
{
    public static Vector256<ulong> Execute(Vector256<ulong> a, Vector256<ulong> b, int control) => Vector256.Create(b.GetLower(), b.GetLower());
}
