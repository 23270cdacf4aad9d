using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>Four single-precision lanes.</summary>
internal readonly struct PackedSingle<TOp> : IVecFloatOp
    where TOp : struct, IFloatOp32
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
        uint r0 = (uint)TOp.Execute32(x.GetElement(0), y.GetElement(0), control, ref environment);
        uint r1 = (uint)TOp.Execute32(x.GetElement(1), y.GetElement(1), control, ref environment);
        uint r2 = (uint)TOp.Execute32(x.GetElement(2), y.GetElement(2), control, ref environment);
        uint r3 = (uint)TOp.Execute32(x.GetElement(3), y.GetElement(3), control, ref environment);
        return Vector128.Create(r0, r1, r2, r3).AsUInt64();
    }
}

/// <summary>Two double-precision lanes.</summary>
internal readonly struct PackedDouble<TOp> : IVecFloatOp
    where TOp : struct, IFloatOp64
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        ulong r0 = TOp.Execute64(a.GetElement(0), b.GetElement(0), control, ref environment);
        ulong r1 = TOp.Execute64(a.GetElement(1), b.GetElement(1), control, ref environment);
        return Vector128.Create(r0, r1);
    }
}

/// <summary>The lowest single-precision lane; the others come from the first source.</summary>
internal readonly struct ScalarSingle<TOp> : IVecFloatOp
    where TOp : struct, IFloatOp32
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        uint result = (uint)TOp.Execute32((uint)a.GetElement(0), (uint)b.GetElement(0), control, ref environment);
        return a.AsUInt32().WithElement(0, result).AsUInt64();
    }
}

/// <summary>The lower double-precision lane; the upper one comes from the first source.</summary>
internal readonly struct ScalarDouble<TOp> : IVecFloatOp
    where TOp : struct, IFloatOp64
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment) =>
        a.WithElement(0, TOp.Execute64(a.GetElement(0), b.GetElement(0), control, ref environment));
}

/// <summary>ADDSUBPS: subtracts in even lanes, adds in odd ones.</summary>
internal readonly struct AddSubSingle : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
        uint r0 = (uint)FloatSubtract.Execute32(x[0], y[0], 0, ref environment);
        uint r1 = (uint)FloatAdd.Execute32(x[1], y[1], 0, ref environment);
        uint r2 = (uint)FloatSubtract.Execute32(x[2], y[2], 0, ref environment);
        uint r3 = (uint)FloatAdd.Execute32(x[3], y[3], 0, ref environment);
        return Vector128.Create(r0, r1, r2, r3).AsUInt64();
    }
}

/// <summary>ADDSUBPD.</summary>
internal readonly struct AddSubDouble : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        ulong r0 = FloatSubtract.Execute64(a[0], b[0], 0, ref environment);
        return Vector128.Create(r0, FloatAdd.Execute64(a[1], b[1], 0, ref environment));
    }
}

/// <summary>HADDPS, HSUBPS: adjacent lanes of a, then of b.</summary>
internal readonly struct HorizontalSingle<TOp> : IVecFloatOp
    where TOp : struct, IFloatOp32
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
        uint r0 = (uint)TOp.Execute32(x[0], x[1], 0, ref environment);
        uint r1 = (uint)TOp.Execute32(x[2], x[3], 0, ref environment);
        uint r2 = (uint)TOp.Execute32(y[0], y[1], 0, ref environment);
        uint r3 = (uint)TOp.Execute32(y[2], y[3], 0, ref environment);
        return Vector128.Create(r0, r1, r2, r3).AsUInt64();
    }
}

/// <summary>HADDPD, HSUBPD.</summary>
internal readonly struct HorizontalDouble<TOp> : IVecFloatOp
    where TOp : struct, IFloatOp64
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        ulong r0 = TOp.Execute64(a[0], a[1], 0, ref environment);
        return Vector128.Create(r0, TOp.Execute64(b[0], b[1], 0, ref environment));
    }
}

/// <summary>DPPS: products of the lanes in immediate bits 4-7, summed pairwise, put where bits 0-3 say.</summary>
internal readonly struct DotProductSingle : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
        Span<ulong> products = stackalloc ulong[4];
        FloatEnvironment step = new(environment.Control);
        for (int i = 0; i < 4; i++)
            products[i] = ((control >> (4 + i)) & 1) != 0 ? FloatMultiply.Execute32(x[i], y[i], 0, ref step) : 0;
        if (environment.AddStep(0, step.Raised))
            return default;
        step.Raised = 0;
        ulong low = FloatAdd.Execute32(products[0], products[1], 0, ref step);
        ulong high = FloatAdd.Execute32(products[2], products[3], 0, ref step);
        if (environment.AddStep(1, step.Raised))
            return default;
        step.Raised = 0;
        uint sum = (uint)FloatAdd.Execute32(low, high, 0, ref step);
        environment.AddStep(2, step.Raised);
        return Vector128.Create(sum).AsUInt64() & Shuffles.DoubleWordMask(control);
    }
}

/// <summary>DPPD.</summary>
internal readonly struct DotProductDouble : IVecFloatOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control, ref FloatEnvironment environment)
    {
        FloatEnvironment step = new(environment.Control);
        ulong low = (control & 0x10) != 0 ? FloatMultiply.Execute64(a[0], b[0], 0, ref step) : 0;
        ulong high = (control & 0x20) != 0 ? FloatMultiply.Execute64(a[1], b[1], 0, ref step) : 0;
        if (environment.AddStep(0, step.Raised))
            return default;
        step.Raised = 0;
        ulong sum = FloatAdd.Execute64(low, high, 0, ref step);
        environment.AddStep(1, step.Raised);
        return Vector128.Create((control & 1) != 0 ? sum : 0, (control & 2) != 0 ? sum : 0);
    }
}
