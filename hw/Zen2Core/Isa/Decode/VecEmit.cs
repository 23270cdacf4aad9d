using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Vector;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Kinds and handlers of vector operations, made when a row first uses them.</summary>
internal static unsafe class VecEmit
{
    /// <summary>dst = op(a, b, control) without exceptions.</summary>
    public static MicroOp* Plain<TOp, TShape>(CrackContext c, ushort dst, ushort a, ushort b, ulong control)
        where TOp : struct, IVecOp
        where TShape : struct, IVecShape =>
        Fill(c, PlainKind<TOp, TShape>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&VectorHandlers.Plain<TOp, TShape>, dst, a, b, Reg.None, control, TShape.Wide ? (byte)32 : (byte)16, TShape.Legacy);

    /// <summary>dst = op(a, b, third, control) without exceptions.</summary>
    public static MicroOp* Plain3<TOp, TShape>(CrackContext c, ushort dst, ushort a, ushort b, ushort third, ulong control)
        where TOp : struct, IVecOp3
        where TShape : struct, IVecShape =>
        Fill(c, Plain3Kind<TOp, TShape>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&VectorHandlers.Plain3<TOp, TShape>, dst, a, b, third, control, TShape.Wide ? (byte)32 : (byte)16, TShape.Legacy);

    /// <summary>dst = op(a, b, control) with SIMD floating-point exceptions.</summary>
    public static MicroOp* Float<TOp, TShape>(CrackContext c, ushort dst, ushort a, ushort b, ulong control)
        where TOp : struct, IVecFloatOp
        where TShape : struct, IVecShape =>
        Fill(c, FloatKind<TOp, TShape>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&VectorHandlers.Float<TOp, TShape>, dst, a, b, Reg.None, control, TShape.Wide ? (byte)32 : (byte)16, TShape.Legacy);

    /// <summary>dst = op(a, b, third) with SIMD floating-point exceptions.</summary>
    public static MicroOp* Float3<TOp, TShape>(CrackContext c, ushort dst, ushort a, ushort b, ushort third)
        where TOp : struct, IVecFloatOp3
        where TShape : struct, IVecShape =>
        Fill(c, Float3Kind<TOp, TShape>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&VectorHandlers.Float3<TOp, TShape>, dst, a, b, third, 0, TShape.Wide ? (byte)32 : (byte)16, TShape.Legacy);

    /// <summary>General-purpose dst = op(a, b, control).</summary>
    public static MicroOp* ToInt<TOp>(CrackContext c, ushort dst, ushort a, ushort b, ulong control)
        where TOp : struct, IVecToIntOp =>
        Fill(c, ToIntKind<TOp>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&MixedVectorHandlers.ToInt<TOp>, dst, a, b, Reg.None, control, 16, false);

    /// <summary>General-purpose dst = op(256-bit a, b).</summary>
    public static MicroOp* WideToInt<TOp>(CrackContext c, ushort dst, ushort a, ushort b)
        where TOp : struct, IWideToIntOp =>
        Fill(c, WideToIntKind<TOp>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&MixedVectorHandlers.WideToInt<TOp>, dst, a, b, Reg.None, 0, 32, false);

    /// <summary>General-purpose dst = op(a, b, general-purpose third, control).</summary>
    public static MicroOp* ToInt3<TOp>(CrackContext c, ushort dst, ushort a, ushort b, ushort third, ulong control)
        where TOp : struct, IVecToInt3Op =>
        Fill(c, ToInt3Kind<TOp>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&MixedVectorHandlers.ToInt3<TOp>, dst, a, b, third, control, 16, false);

    /// <summary>256-bit dst = op(a, b, control) across halves.</summary>
    public static MicroOp* Wide<TOp>(CrackContext c, ushort dst, ushort a, ushort b, ulong control)
        where TOp : struct, IVecWideOp =>
        Fill(c, WideKind<TOp>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&VectorHandlers.Wide<TOp>, dst, a, b, Reg.None, control, 32, false);

    /// <summary>dst = conversion of b between widths.</summary>
    public static MicroOp* WideFloat<TOp>(CrackContext c, ushort dst, ushort b, ulong control)
        where TOp : struct, IVecFloatWideOp =>
        Fill(c, WideFloatKind<TOp>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&VectorHandlers.WideFloat<TOp>, dst, Reg.None, b, Reg.None, control, 32, false);

    /// <summary>dst = op(vector a, general-purpose b, control).</summary>
    public static MicroOp* FromInt<TOp, TShape>(CrackContext c, ushort dst, ushort a, ushort b, ulong control)
        where TOp : struct, IIntToVecOp
        where TShape : struct, IVecShape =>
        Fill(c, FromIntKind<TOp, TShape>.Kind, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&MixedVectorHandlers.FromInt<TOp, TShape>, dst, a, b, Reg.None, control, TShape.Wide ? (byte)32 : (byte)16, TShape.Legacy);

    private static MicroOp* Fill(CrackContext c, ushort kind, nint handler, ushort dst, ushort a, ushort b, ushort third, ulong control, byte width, bool legacy)
    {
        MicroOp* op = c.Emit(kind, handler);
        op->Dst = dst;
        op->A = a;
        op->B = b;
        op->C = third;
        op->Imm = control;
        op->Width = width;

        // A legacy form that writes its destination without reading it still keeps the upper half.
        if (legacy && Reg.IsVector(dst) && a != dst)
            op->Marks |= MicroOpMarks.MergesDst;
        return op;
    }

    private static string Name<TOp>(string suffix) => (typeof(TOp).IsGenericType ? Generic(typeof(TOp)) : typeof(TOp).Name).ToLowerInvariant() + suffix;

    private static string Generic(Type type) =>
        type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] + "." + string.Join('.', type.GetGenericArguments().Select(t => t.Name));

    private static class PlainKind<TOp, TShape>
        where TOp : struct, IVecOp
        where TShape : struct, IVecShape
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(TShape.Suffix), MicroOpClass.Vector, &VectorHandlers.PlainValue<TOp, TShape>);
    }

    private static class Plain3Kind<TOp, TShape>
        where TOp : struct, IVecOp3
        where TShape : struct, IVecShape
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(TShape.Suffix), MicroOpClass.Vector, &VectorHandlers.Plain3Value<TOp, TShape>);
    }

    private static class FloatKind<TOp, TShape>
        where TOp : struct, IVecFloatOp
        where TShape : struct, IVecShape
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(TShape.Suffix), MicroOpClass.Vector, &VectorHandlers.FloatValue<TOp, TShape>);
    }

    private static class Float3Kind<TOp, TShape>
        where TOp : struct, IVecFloatOp3
        where TShape : struct, IVecShape
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(TShape.Suffix), MicroOpClass.Vector, &VectorHandlers.Float3Value<TOp, TShape>);
    }

    private static class ToIntKind<TOp>
        where TOp : struct, IVecToIntOp
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(string.Empty), MicroOpClass.Vector, &MixedVectorHandlers.ToIntValue<TOp>);
    }

    private static class WideToIntKind<TOp>
        where TOp : struct, IWideToIntOp
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(".v256"), MicroOpClass.Vector, &MixedVectorHandlers.WideToIntValue<TOp>);
    }

    private static class ToInt3Kind<TOp>
        where TOp : struct, IVecToInt3Op
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(string.Empty), MicroOpClass.Vector, &MixedVectorHandlers.ToInt3Value<TOp>);
    }

    private static class WideKind<TOp>
        where TOp : struct, IVecWideOp
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(".wide"), MicroOpClass.Vector, &VectorHandlers.WideValue<TOp>);
    }

    private static class WideFloatKind<TOp>
        where TOp : struct, IVecFloatWideOp
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(".wide"), MicroOpClass.Vector, &VectorHandlers.WideFloatValue<TOp>);
    }

    private static class FromIntKind<TOp, TShape>
        where TOp : struct, IIntToVecOp
        where TShape : struct, IVecShape
    {
        public static readonly ushort Kind = MicroOpKinds.AddValue(Name<TOp>(TShape.Suffix), MicroOpClass.Vector, &MixedVectorHandlers.FromIntValue<TOp, TShape>);
    }
}
