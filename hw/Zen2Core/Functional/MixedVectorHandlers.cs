using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Float;
using CoSim.Hw.Zen2Core.Isa.Vector;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Handlers and value functions of operations between vector and general-purpose registers.</summary>
internal static unsafe class MixedVectorHandlers
{
    /// <summary>Vectors to a general-purpose register and, where <see cref="MicroOp.FlagsWritten"/> says so, the flags.</summary>
    public static MicroOp* ToInt<TOp>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecToIntOp
    {
        byte* r = (byte*)s;
        FloatEnvironment environment = new(s->Mxcsr);
        uint flags = s->Flags;
        ulong result = TOp.Execute(VecAccess.Low(r + op->A), VecAccess.Low(r + op->B), (int)op->Imm, ref flags, ref environment);
        if (SimdException.Commit(s, ref environment))
            return Leave.Fault(s, op, SimdException.Vector(s), 0);
        s->Flags = flags;
        if (op->Dst != Reg.None)
            *(ulong*)(r + op->Dst) = result;
        return op + 1;
    }

    /// <summary>Value function of <see cref="ToInt"/>.</summary>
    public static void ToIntValue<TOp>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IVecToIntOp
    {
        FloatEnvironment environment = new(e->Mxcsr);
        e->Result = TOp.Execute(e->VA.GetLower(), e->VB.GetLower(), (int)op->Imm, ref e->Flags, ref environment);
        SimdException.Report(e, ref environment);
    }

    /// <summary>256-bit vectors to a general-purpose register: the lower half's result below the upper half's.</summary>
    public static MicroOp* WideToInt<TOp>(CpuState* s, MicroOp* op)
        where TOp : struct, IWideToIntOp
    {
        byte* r = (byte*)s;
        uint flags = s->Flags;
        ulong result = TOp.Execute(
            VecAccess.Low(r + op->A), VecAccess.High(r + op->A), VecAccess.Low(r + op->B), VecAccess.High(r + op->B), ref flags);
        s->Flags = flags;
        if (op->Dst != Reg.None)
            *(ulong*)(r + op->Dst) = result;
        return op + 1;
    }

    /// <summary>Value function of <see cref="WideToInt"/>.</summary>
    public static void WideToIntValue<TOp>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IWideToIntOp =>
        e->Result = TOp.Execute(e->VA.GetLower(), e->VA.GetUpper(), e->VB.GetLower(), e->VB.GetUpper(), ref e->Flags);

    /// <summary>Two vectors and a general-purpose register (C) to a general-purpose register and the flags.</summary>
    public static MicroOp* ToInt3<TOp>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecToInt3Op
    {
        byte* r = (byte*)s;
        uint flags = s->Flags;
        ulong result = TOp.Execute(VecAccess.Low(r + op->A), VecAccess.Low(r + op->B), *(ulong*)(r + op->C), (int)op->Imm, ref flags);
        s->Flags = flags;
        *(ulong*)(r + op->Dst) = result;
        return op + 1;
    }

    /// <summary>Value function of <see cref="ToInt3"/>.</summary>
    public static void ToInt3Value<TOp>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IVecToInt3Op =>
        e->Result = TOp.Execute(e->VA.GetLower(), e->VB.GetLower(), e->C, (int)op->Imm, ref e->Flags);

    /// <summary>A vector (A) and a general-purpose register (B) to a vector.</summary>
    public static MicroOp* FromInt<TOp, TShape>(CpuState* s, MicroOp* op)
        where TOp : struct, IIntToVecOp
        where TShape : struct, IVecShape
    {
        byte* r = (byte*)s;
        FloatEnvironment environment = new(s->Mxcsr);
        Vector128<ulong> result = TOp.Execute(VecAccess.Low(r + op->A), *(ulong*)(r + op->B), (int)op->Imm, ref environment);
        if (SimdException.Commit(s, ref environment))
            return Leave.Fault(s, op, SimdException.Vector(s), 0);
        VecAccess.Write<TShape>(r + op->Dst, result);
        return op + 1;
    }

    /// <summary>Value function of <see cref="FromInt"/>.</summary>
    public static void FromIntValue<TOp, TShape>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IIntToVecOp
        where TShape : struct, IVecShape
    {
        FloatEnvironment environment = new(e->Mxcsr);
        Vector128<ulong> result = TOp.Execute(e->VA.GetLower(), e->B, (int)op->Imm, ref environment);
        SimdException.Report(e, ref environment);
        e->VResult = Vector256.Create(result, VecAccess.Upper<TShape>(e, op));
    }
}
