using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Float;
using CoSim.Hw.Zen2Core.Isa.Vector;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Handlers and value functions of vector operations; the control byte of an operation is <see cref="MicroOp.Imm"/>.</summary>
internal static unsafe class VectorHandlers
{
    /// <summary>Two vector sources, no exceptions.</summary>
    public static MicroOp* Plain<TOp, TShape>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecOp
        where TShape : struct, IVecShape
    {
        byte* registers = (byte*)s;
        int control = (int)op->Imm;
        Vector128<ulong> low = TOp.Execute(VecAccess.Low(registers + op->A), VecAccess.Low(registers + op->B), control);
        if (TShape.Wide)
            VecAccess.Write(registers + op->Dst, low, TOp.Execute(VecAccess.High(registers + op->A), VecAccess.High(registers + op->B), TOp.UpperControl(control)));
        else
            VecAccess.Write<TShape>(registers + op->Dst, low);
        return op + 1;
    }

    /// <summary>Value function of <see cref="Plain"/>.</summary>
    public static void PlainValue<TOp, TShape>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IVecOp
        where TShape : struct, IVecShape
    {
        int control = (int)op->Imm;
        Vector128<ulong> low = TOp.Execute(e->VA.GetLower(), e->VB.GetLower(), control);
        Vector128<ulong> high = TShape.Wide ? TOp.Execute(e->VA.GetUpper(), e->VB.GetUpper(), TOp.UpperControl(control)) : VecAccess.Upper<TShape>(e, op);
        e->VResult = Vector256.Create(low, high);
    }

    /// <summary>Two 256-bit sources, halves not independent.</summary>
    public static MicroOp* Wide<TOp>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecWideOp
    {
        byte* r = (byte*)s;
        Vector256<ulong> result = TOp.Execute(
            Unsafe.ReadUnaligned<Vector256<ulong>>(r + op->A), Unsafe.ReadUnaligned<Vector256<ulong>>(r + op->B), (int)op->Imm);
        Unsafe.WriteUnaligned(r + op->Dst, result);
        return op + 1;
    }

    /// <summary>Value function of <see cref="Wide"/>.</summary>
    public static void WideValue<TOp>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IVecWideOp => e->VResult = TOp.Execute(e->VA, e->VB, (int)op->Imm);

    /// <summary>A conversion between widths, SIMD floating-point exceptions.</summary>
    public static MicroOp* WideFloat<TOp>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecFloatWideOp
    {
        byte* r = (byte*)s;
        FloatEnvironment environment = new(s->Mxcsr);
        Vector256<ulong> result = TOp.Execute(Unsafe.ReadUnaligned<Vector256<ulong>>(r + op->B), (int)op->Imm, ref environment);
        if (SimdException.Commit(s, ref environment))
            return Leave.Fault(s, op, SimdException.Vector(s), 0);
        Unsafe.WriteUnaligned(r + op->Dst, result);
        return op + 1;
    }

    /// <summary>Value function of <see cref="WideFloat"/>.</summary>
    public static void WideFloatValue<TOp>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IVecFloatWideOp
    {
        FloatEnvironment environment = new(e->Mxcsr);
        e->VResult = TOp.Execute(e->VB, (int)op->Imm, ref environment);
        SimdException.Report(e, ref environment);
    }

    /// <summary>Three vector sources, no exceptions.</summary>
    public static MicroOp* Plain3<TOp, TShape>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecOp3
        where TShape : struct, IVecShape
    {
        byte* r = (byte*)s;
        int control = (int)op->Imm;
        Vector128<ulong> low = TOp.Execute(VecAccess.Low(r + op->A), VecAccess.Low(r + op->B), VecAccess.Low(r + op->C), control);
        if (TShape.Wide)
            VecAccess.Write(r + op->Dst, low, TOp.Execute(VecAccess.High(r + op->A), VecAccess.High(r + op->B), VecAccess.High(r + op->C), control));
        else
            VecAccess.Write<TShape>(r + op->Dst, low);
        return op + 1;
    }

    /// <summary>Value function of <see cref="Plain3"/>.</summary>
    public static void Plain3Value<TOp, TShape>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IVecOp3
        where TShape : struct, IVecShape
    {
        int control = (int)op->Imm;
        Vector128<ulong> low = TOp.Execute(e->VA.GetLower(), e->VB.GetLower(), e->VC.GetLower(), control);
        Vector128<ulong> high = TShape.Wide
            ? TOp.Execute(e->VA.GetUpper(), e->VB.GetUpper(), e->VC.GetUpper(), control)
            : VecAccess.Upper<TShape>(e, op);
        e->VResult = Vector256.Create(low, high);
    }

    /// <summary>Two vector sources, SIMD floating-point exceptions.</summary>
    public static MicroOp* Float<TOp, TShape>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecFloatOp
        where TShape : struct, IVecShape
    {
        byte* r = (byte*)s;
        int control = (int)op->Imm;
        FloatEnvironment environment = new(s->Mxcsr);
        Vector128<ulong> low = TOp.Execute(VecAccess.Low(r + op->A), VecAccess.Low(r + op->B), control, ref environment);
        Vector128<ulong> high = default;
        if (TShape.Wide)
            high = TOp.Execute(VecAccess.High(r + op->A), VecAccess.High(r + op->B), control, ref environment);
        if (SimdException.Commit(s, ref environment))
            return Leave.Fault(s, op, SimdException.Vector(s), 0);
        if (TShape.Wide)
            VecAccess.Write(r + op->Dst, low, high);
        else
            VecAccess.Write<TShape>(r + op->Dst, low);
        return op + 1;
    }

    /// <summary><see cref="Float"/> whose result the next micro-op stores: if that store faults, no exception flags are raised.</summary>
    public static MicroOp* FloatBeforeStore<TOp, TShape>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecFloatOp
        where TShape : struct, IVecShape => MemoryAccess.CheckWrite(s, op + 1) ? Float<TOp, TShape>(s, op) : null;

    /// <summary><see cref="WideFloat"/> whose result the next micro-op stores.</summary>
    public static MicroOp* WideFloatBeforeStore<TOp>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecFloatWideOp => MemoryAccess.CheckWrite(s, op + 1) ? WideFloat<TOp>(s, op) : null;

    /// <summary>Value function of <see cref="Float"/>.</summary>
    public static void FloatValue<TOp, TShape>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IVecFloatOp
        where TShape : struct, IVecShape
    {
        int control = (int)op->Imm;
        FloatEnvironment environment = new(e->Mxcsr);
        Vector128<ulong> low = TOp.Execute(e->VA.GetLower(), e->VB.GetLower(), control, ref environment);
        Vector128<ulong> high = TShape.Wide
            ? TOp.Execute(e->VA.GetUpper(), e->VB.GetUpper(), control, ref environment)
            : VecAccess.Upper<TShape>(e, op);
        SimdException.Report(e, ref environment);
        e->VResult = Vector256.Create(low, high);
    }

    /// <summary>Three vector sources, SIMD floating-point exceptions.</summary>
    public static MicroOp* Float3<TOp, TShape>(CpuState* s, MicroOp* op)
        where TOp : struct, IVecFloatOp3
        where TShape : struct, IVecShape
    {
        byte* r = (byte*)s;
        FloatEnvironment environment = new(s->Mxcsr);
        Vector128<ulong> low = TOp.Execute(VecAccess.Low(r + op->A), VecAccess.Low(r + op->B), VecAccess.Low(r + op->C), ref environment);
        Vector128<ulong> high = default;
        if (TShape.Wide)
            high = TOp.Execute(VecAccess.High(r + op->A), VecAccess.High(r + op->B), VecAccess.High(r + op->C), ref environment);
        if (SimdException.Commit(s, ref environment))
            return Leave.Fault(s, op, SimdException.Vector(s), 0);
        if (TShape.Wide)
            VecAccess.Write(r + op->Dst, low, high);
        else
            VecAccess.Write<TShape>(r + op->Dst, low);
        return op + 1;
    }

    /// <summary>Value function of <see cref="Float3"/>.</summary>
    public static void Float3Value<TOp, TShape>(ExecArgs* e, MicroOp* op)
        where TOp : struct, IVecFloatOp3
        where TShape : struct, IVecShape
    {
        FloatEnvironment environment = new(e->Mxcsr);
        Vector128<ulong> low = TOp.Execute(e->VA.GetLower(), e->VB.GetLower(), e->VC.GetLower(), ref environment);
        Vector128<ulong> high = TShape.Wide
            ? TOp.Execute(e->VA.GetUpper(), e->VB.GetUpper(), e->VC.GetUpper(), ref environment)
            : VecAccess.Upper<TShape>(e, op);
        SimdException.Report(e, ref environment);
        e->VResult = Vector256.Create(low, high);
    }
}
