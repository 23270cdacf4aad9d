using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Operands of a vector instruction, memory already loaded into a temporary.</summary>
/// <param name="Dst">Destination.</param>
/// <param name="A">First source: the destination of a legacy form, the second operand of a VEX form.</param>
/// <param name="B">Second source.</param>
/// <param name="Control">Immediate byte, or 0.</param>
/// <param name="Shape">Encoding and width.</param>
internal readonly record struct VecOperands(ushort Dst, ushort A, ushort B, ulong Control, VecShapeKind Shape);

/// <summary>Encoding and width of a vector instruction.</summary>
internal enum VecShapeKind
{
    /// <summary>Legacy SSE.</summary>
    Legacy,

    /// <summary>VEX.128.</summary>
    Vex128,

    /// <summary>VEX.256.</summary>
    Vex256,
}

/// <summary>Crackers of vector instructions of the common patterns.</summary>
internal static unsafe class VecCrack
{
    /// <summary>First vector temporary: a memory operand.</summary>
    public static readonly ushort T0 = Reg.Vector(16);

    /// <summary>Second vector temporary.</summary>
    public static readonly ushort T1 = Reg.Vector(17);

    /// <summary>Two sources, no exceptions.</summary>
    public static Cracker Plain<TOp>()
        where TOp : struct, IVecOp => c => EmitPlain<TOp>(c, Operands(c, unary: false));

    /// <summary>One source, no exceptions.</summary>
    public static Cracker PlainUnary<TOp>()
        where TOp : struct, IVecOp => c => EmitPlain<TOp>(c, Operands(c, unary: true));

    /// <summary>Two sources, SIMD floating-point exceptions.</summary>
    public static Cracker Float<TOp>()
        where TOp : struct, IVecFloatOp => c => EmitFloat<TOp>(c, Operands(c, unary: false));

    /// <summary>One source, SIMD floating-point exceptions.</summary>
    public static Cracker FloatUnary<TOp>()
        where TOp : struct, IVecFloatOp => c => EmitFloat<TOp>(c, Operands(c, unary: true));

    /// <summary>A comparison: the immediate names one of 8 predicates in legacy forms, of 32 in VEX forms.</summary>
    public static Cracker FloatPredicate<TOp>()
        where TOp : struct, IVecFloatOp => c =>
        {
            VecOperands o = Operands(c, unary: false);
            EmitFloat<TOp>(c, o with { Control = o.Control & (o.Shape == VecShapeKind.Legacy ? 7UL : 31) });
        };

    /// <summary>Emits a plain operation in the instruction's shape.</summary>
    public static MicroOp* EmitPlain<TOp>(CrackContext c, in VecOperands o)
        where TOp : struct, IVecOp => o.Shape switch
        {
            VecShapeKind.Legacy => VecEmit.Plain<TOp, LegacyShape>(c, o.Dst, o.A, o.B, o.Control),
            VecShapeKind.Vex128 => VecEmit.Plain<TOp, Vex128Shape>(c, o.Dst, o.A, o.B, o.Control),
            _ => VecEmit.Plain<TOp, Vex256Shape>(c, o.Dst, o.A, o.B, o.Control),
        };

    /// <summary>Emits a floating-point operation in the instruction's shape.</summary>
    public static MicroOp* EmitFloat<TOp>(CrackContext c, in VecOperands o)
        where TOp : struct, IVecFloatOp => o.Shape switch
        {
            VecShapeKind.Legacy => VecEmit.Float<TOp, LegacyShape>(c, o.Dst, o.A, o.B, o.Control),
            VecShapeKind.Vex128 => VecEmit.Float<TOp, Vex128Shape>(c, o.Dst, o.A, o.B, o.Control),
            _ => VecEmit.Float<TOp, Vex256Shape>(c, o.Dst, o.A, o.B, o.Control),
        };

    /// <summary>Emits a three-source operation in the instruction's shape.</summary>
    public static MicroOp* EmitPlain3<TOp>(CrackContext c, in VecOperands o, ushort third)
        where TOp : struct, IVecOp3 => o.Shape switch
        {
            VecShapeKind.Legacy => VecEmit.Plain3<TOp, LegacyShape>(c, o.Dst, o.A, o.B, third, o.Control),
            VecShapeKind.Vex128 => VecEmit.Plain3<TOp, Vex128Shape>(c, o.Dst, o.A, o.B, third, o.Control),
            _ => VecEmit.Plain3<TOp, Vex256Shape>(c, o.Dst, o.A, o.B, third, o.Control),
        };

    /// <summary>Emits an operation from a general-purpose register in the instruction's shape.</summary>
    public static MicroOp* EmitFromInt<TOp>(CrackContext c, ushort dst, ushort a, ushort b, ulong control)
        where TOp : struct, IIntToVecOp => Shape(c) == VecShapeKind.Legacy
            ? VecEmit.FromInt<TOp, LegacyShape>(c, dst, a, b, control)
            : VecEmit.FromInt<TOp, Vex128Shape>(c, dst, a, b, control);

    /// <summary>Takes the operands of an instruction of the form "dst, [src1,] src2 [, imm8]" and loads src2 when it is memory.</summary>
    /// <param name="c">The instruction.</param>
    /// <param name="unary">Whether a two-operand form reads its destination not at all.</param>
    public static VecOperands Operands(CrackContext c, bool unary)
    {
        int count = c.Instruction.OpCount;
        ulong control = 0;
        while (count > 0 && c.IsImmediate(count - 1))
        {
            // EXTRQ and INSERTQ have two immediates: the first one is the low byte.
            control = (control << 8) | (byte)c.Immediate(count - 1);
            count--;
        }

        ushort dst = c.Register(0);
        ushort b = count == 1 ? dst : Source(c, count - 1);
        ushort a = count == 3 ? c.Register(1) : unary ? Reg.None : dst;
        return new VecOperands(dst, a, b, control, Shape(c));
    }

    /// <summary>The vector register operand <paramref name="n"/>, or a temporary with the memory operand in it.</summary>
    public static ushort Source(CrackContext c, int n)
    {
        if (c.IsRegister(n))
            return c.Register(n);
        int bytes = c.OperandBytes(n);
        if (bytes == 32)
            VecMemoryEmit.Load<Vex256Shape>(c, T0, 32, aligned: false);
        else
            VecMemoryEmit.Load<LegacyShape>(c, T0, bytes, NeedsAlignment(c, bytes));
        return T0;
    }

    /// <summary>A general-purpose register operand, or a temporary with the memory operand in it.</summary>
    public static ushort IntSource(CrackContext c, int n)
    {
        if (c.IsRegister(n))
            return c.Register(n);
        MemoryEmit.Load(c, c.OperandBytes(n), Reg.T0, 8);
        return Reg.T0;
    }

    /// <summary>Encoding and width of the instruction.</summary>
    public static VecShapeKind Shape(CrackContext c)
    {
        if (c.Instruction.Encoding != EncodingKind.VEX)
            return VecShapeKind.Legacy;
        return c.Instruction.Op0Register.IsYMM() || (c.Instruction.OpCount > 1 && c.Instruction.Op1Register.IsYMM()) || c.Instruction.MemorySize.GetSize() == 32
            ? VecShapeKind.Vex256
            : VecShapeKind.Vex128;
    }

    /// <summary>Whether a memory operand must be aligned: 16-byte operands of legacy instructions that are not unaligned by definition.</summary>
    private static bool NeedsAlignment(CrackContext c, int bytes) =>
        bytes == 16 && c.Instruction.Encoding == EncodingKind.Legacy
        && c.Instruction.Mnemonic is not (Mnemonic.Pcmpestri or Mnemonic.Pcmpestrm or Mnemonic.Pcmpistri or Mnemonic.Pcmpistrm
            or Mnemonic.Pcmpestri64 or Mnemonic.Pcmpestrm64 or Mnemonic.Sha1msg1 or Mnemonic.Sha1msg2 or Mnemonic.Sha1nexte
            or Mnemonic.Sha1rnds4 or Mnemonic.Sha256msg1 or Mnemonic.Sha256msg2 or Mnemonic.Sha256rnds2);
}
