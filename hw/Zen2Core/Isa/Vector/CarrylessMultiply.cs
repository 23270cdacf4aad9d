using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PCLMULQDQ: product of two quadwords as polynomials over GF(2); bits 0 and 4 of the immediate choose them.</summary>
internal readonly struct PClMulQdq : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        ulong x = a[control & 1];
        ulong y = b[(control >> 4) & 1];
        ulong low = 0, high = 0;
        for (int i = 0; i < 64; i++)
        {
            ulong take = 0 - ((y >> i) & 1);
            low ^= (x << i) & take;
            high ^= (i == 0 ? 0 : x >> (64 - i)) & take;
        }

        return Vector128.Create(low, high);
    }
}
