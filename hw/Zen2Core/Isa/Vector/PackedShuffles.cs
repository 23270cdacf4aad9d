using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>PSHUFD.</summary>
internal readonly struct PShufD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Shuffle(b.AsUInt32(), Shuffles.Lanes(control)).AsUInt64();
}

/// <summary>PSHUFLW.</summary>
internal readonly struct PShufLW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.WithElement(0, Shuffles.Words(b.GetElement(0), control));
}

/// <summary>PSHUFHW.</summary>
internal readonly struct PShufHW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.WithElement(1, Shuffles.Words(b.GetElement(1), control));
}

/// <summary>SHUFPS.</summary>
internal readonly struct ShufPS : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
        return Vector128.Create(x[control & 3], x[(control >> 2) & 3], y[(control >> 4) & 3], y[(control >> 6) & 3]).AsUInt64();
    }
}

/// <summary>SHUFPD.</summary>
internal readonly struct ShufPD : IVecOp
{
    public static int UpperControl(int control) => control >> 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(a[control & 1], b[(control >> 1) & 1]);
}

/// <summary>PSHUFB.</summary>
internal readonly struct PShufB : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Shuffle(a.AsByte(), b.AsByte() & Vector128.Create((byte)0x8F)).AsUInt64();
}

/// <summary>MOVHLPS.</summary>
internal readonly struct MovHlps : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(b.GetElement(1), a.GetElement(1));
}

/// <summary>MOVSS between registers.</summary>
internal readonly struct MoveSS : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        a.AsUInt32().WithElement(0, b.AsUInt32().GetElement(0)).AsUInt64();
}

/// <summary>MOVSD between registers, MOVLPS and MOVLPD loads.</summary>
internal readonly struct MoveSD : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        a.WithElement(0, b.GetElement(0));
}

/// <summary>MOVHPS and MOVHPD loads.</summary>
internal readonly struct MoveHigh : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        a.WithElement(1, b.GetElement(0));
}

/// <summary>MOVAPS, MOVDQA and the other whole-register moves.</summary>
internal readonly struct Move : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b;
}

/// <summary>MOVQ between registers.</summary>
internal readonly struct MoveQ : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        b.WithElement(1, 0UL);
}

/// <summary>MOVDDUP.</summary>
internal readonly struct MovDDup : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create(b.GetElement(0));
}

/// <summary>MOVSLDUP.</summary>
internal readonly struct MovSLDup : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Shuffle(b.AsUInt32(), Vector128.Create(0u, 0, 2, 2)).AsUInt64();
}

/// <summary>MOVSHDUP.</summary>
internal readonly struct MovSHDup : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Shuffle(b.AsUInt32(), Vector128.Create(1u, 1, 3, 3)).AsUInt64();
}

/// <summary>INSERTPS between registers.</summary>
internal readonly struct InsertPS : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> result = a.AsUInt32().WithElement((control >> 4) & 3, b.AsUInt32().GetElement((control >> 6) & 3));
        for (int i = 0; i < 4; i++)
        {
            if (((control >> i) & 1) != 0)
                result = result.WithElement(i, 0u);
        }

        return result.AsUInt64();
    }
}

/// <summary>PBLENDW.</summary>
internal readonly struct PBlendW : IVecOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.ConditionalSelect(Shuffles.WordMask(control), b, a);
}

/// <summary>BLENDPS.</summary>
internal readonly struct BlendPS : IVecOp
{
    public static int UpperControl(int control) => control >> 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.ConditionalSelect(Shuffles.DoubleWordMask(control), b, a);
}

/// <summary>BLENDPD.</summary>
internal readonly struct BlendPD : IVecOp
{
    public static int UpperControl(int control) => control >> 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        Vector128.Create((control & 1) != 0 ? b[0] : a[0], (control & 2) != 0 ? b[1] : a[1]);
}

/// <summary>Immediate shuffle controls as vectors.</summary>
internal static class Shuffles
{
    /// <summary>Four two-bit lane numbers.</summary>
    public static Vector128<uint> Lanes(int control) =>
        Vector128.Create((uint)control & 3, ((uint)control >> 2) & 3, ((uint)control >> 4) & 3, ((uint)control >> 6) & 3);

    /// <summary>Four words of a quadword, chosen by two-bit numbers.</summary>
    public static ulong Words(ulong words, int control)
    {
        ulong result = 0;
        for (int i = 0; i < 4; i++)
            result |= ((words >> (((control >> (2 * i)) & 3) * 16)) & 0xFFFF) << (16 * i);
        return result;
    }

    /// <summary>Bit i of the control as 16 ones in word i.</summary>
    public static Vector128<ulong> WordMask(int control)
    {
        Vector128<ushort> bits = Vector128.Create((ushort)1, 2, 4, 8, 16, 32, 64, 128);
        return Vector128.Equals(Vector128.Create((ushort)control) & bits, bits).AsUInt64();
    }

    /// <summary>Bit i of the control as 32 ones in double word i.</summary>
    public static Vector128<ulong> DoubleWordMask(int control)
    {
        Vector128<uint> bits = Vector128.Create(1u, 2, 4, 8);
        return Vector128.Equals(Vector128.Create((uint)control) & bits, bits).AsUInt64();
    }
}
