using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>Which of the three operands of an FMA instruction are multiplied: the digits of its name.</summary>
internal interface IFusedOrder
{
    /// <summary>Picks the factors and the addend out of the operands.</summary>
    static abstract (ulong First, ulong Second, ulong Addend) Arrange(ulong destination, ulong second, ulong third);
}

/// <summary>132: destination x third + second.</summary>
internal readonly struct Order132 : IFusedOrder
{
    public static (ulong First, ulong Second, ulong Addend) Arrange(ulong destination, ulong second, ulong third) => (destination, third, second);
}

/// <summary>213: second x destination + third.</summary>
internal readonly struct Order213 : IFusedOrder
{
    public static (ulong First, ulong Second, ulong Addend) Arrange(ulong destination, ulong second, ulong third) => (second, destination, third);
}

/// <summary>231: second x third + destination.</summary>
internal readonly struct Order231 : IFusedOrder
{
    public static (ulong First, ulong Second, ulong Addend) Arrange(ulong destination, ulong second, ulong third) => (second, third, destination);
}

/// <summary>Signs of product and addend.</summary>
internal interface IFusedSigns
{
    /// <summary>Whether the product is negated.</summary>
    static abstract bool NegatesProduct { get; }

    /// <summary>Whether the addend of a lane is negated.</summary>
    static abstract bool NegatesAddend(int lane);
}

/// <summary>FMADD.</summary>
internal readonly struct FusedAdd : IFusedSigns
{
    public static bool NegatesProduct => false;

    public static bool NegatesAddend(int lane) => false;
}

/// <summary>FMSUB.</summary>
internal readonly struct FusedSubtract : IFusedSigns
{
    public static bool NegatesProduct => false;

    public static bool NegatesAddend(int lane) => true;
}

/// <summary>FNMADD.</summary>
internal readonly struct FusedNegativeAdd : IFusedSigns
{
    public static bool NegatesProduct => true;

    public static bool NegatesAddend(int lane) => false;
}

/// <summary>FNMSUB.</summary>
internal readonly struct FusedNegativeSubtract : IFusedSigns
{
    public static bool NegatesProduct => true;

    public static bool NegatesAddend(int lane) => true;
}

/// <summary>FMADDSUB: subtracts in even lanes, adds in odd ones.</summary>
internal readonly struct FusedAddSubtract : IFusedSigns
{
    public static bool NegatesProduct => false;

    public static bool NegatesAddend(int lane) => (lane & 1) == 0;
}

/// <summary>FMSUBADD: adds in even lanes, subtracts in odd ones.</summary>
internal readonly struct FusedSubtractAdd : IFusedSigns
{
    public static bool NegatesProduct => false;

    public static bool NegatesAddend(int lane) => (lane & 1) != 0;
}

/// <summary>Four single-precision lanes; a is the destination.</summary>
internal readonly struct FusedPackedSingle<TOrder, TSigns> : IVecFloatOp3
    where TOrder : struct, IFusedOrder
    where TSigns : struct, IFusedSigns
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, ref FloatEnvironment environment)
    {
        Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32(), z = c.AsUInt32(), result = default;
        for (int i = 0; i < 4; i++)
        {
            (ulong first, ulong second, ulong addend) = TOrder.Arrange(x[i], y[i], z[i]);
            result = result.WithElement(i, (uint)FloatMultiplyAdd.Execute<Binary32>(
                first, second, addend, TSigns.NegatesProduct, TSigns.NegatesAddend(i), ref environment));
        }

        return result.AsUInt64();
    }
}

/// <summary>Two double-precision lanes.</summary>
internal readonly struct FusedPackedDouble<TOrder, TSigns> : IVecFloatOp3
    where TOrder : struct, IFusedOrder
    where TSigns : struct, IFusedSigns
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, ref FloatEnvironment environment)
    {
        Vector128<ulong> result = default;
        for (int i = 0; i < 2; i++)
        {
            (ulong first, ulong second, ulong addend) = TOrder.Arrange(a[i], b[i], c[i]);
            result = result.WithElement(i, FloatMultiplyAdd.Execute<Binary64>(
                first, second, addend, TSigns.NegatesProduct, TSigns.NegatesAddend(i), ref environment));
        }

        return result;
    }
}

/// <summary>The lowest single-precision lane; the others stay.</summary>
internal readonly struct FusedScalarSingle<TOrder, TSigns> : IVecFloatOp3
    where TOrder : struct, IFusedOrder
    where TSigns : struct, IFusedSigns
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, ref FloatEnvironment environment)
    {
        (ulong first, ulong second, ulong addend) = TOrder.Arrange((uint)a[0], (uint)b[0], (uint)c[0]);
        uint result = (uint)FloatMultiplyAdd.Execute<Binary32>(first, second, addend, TSigns.NegatesProduct, TSigns.NegatesAddend(0), ref environment);
        return a.AsUInt32().WithElement(0, result).AsUInt64();
    }
}

/// <summary>The lower double-precision lane; the upper one stays.</summary>
internal readonly struct FusedScalarDouble<TOrder, TSigns> : IVecFloatOp3
    where TOrder : struct, IFusedOrder
    where TSigns : struct, IFusedSigns
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, ref FloatEnvironment environment)
    {
        (ulong first, ulong second, ulong addend) = TOrder.Arrange(a[0], b[0], c[0]);
        return a.WithElement(0, FloatMultiplyAdd.Execute<Binary64>(
            first, second, addend, TSigns.NegatesProduct, TSigns.NegatesAddend(0), ref environment));
    }
}
