using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Float;
using CoSim.Hw.Zen2Core.Isa.Vector;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>
/// Microcode functions of MMX instructions. The MMX registers are the significands of the physical x87 registers; every MMX
/// instruction marks them all valid and sets the top of the stack to 0 (AMD APM vol. 5, 2.1.2). Register operands are numbers in
/// <see cref="MicroOp.Imm"/>: control in bits 0-7, destination in 8-11, source in 12-15.
/// </summary>
internal static unsafe class MmxMicrocode
{
    /// <summary>mm = op(mm, mm or memory).</summary>
    public static MicrocodeResult Binary<TOp>(CoreContext core, CpuState* s, MicroOp* op)
        where TOp : struct, IMmxOp
    {
        if (Unavailable(core, s) || !Source(core, s, op, out ulong b))
            return MicrocodeResult.Fault;
        Enter(s);
        int dst = Destination(op);
        Write(s, dst, TOp.Execute(s->X87.Registers[dst * 2], b, (byte)op->Imm));
        return MicrocodeResult.Done;
    }

    /// <summary>mm = op(mm, immediate): shifts.</summary>
    public static MicrocodeResult Immediate<TOp>(CoreContext core, CpuState* s, MicroOp* op)
        where TOp : struct, IMmxOp
    {
        if (Unavailable(core, s))
            return MicrocodeResult.Fault;
        Enter(s);
        int dst = Destination(op);
        Write(s, dst, TOp.Execute(s->X87.Registers[dst * 2], 0, (byte)op->Imm));
        return MicrocodeResult.Done;
    }

    /// <summary>mm = op(mm, general-purpose register B or memory): MOVD, MOVQ, PINSRW.</summary>
    public static MicrocodeResult FromInt<TOp>(CoreContext core, CpuState* s, MicroOp* op)
        where TOp : struct, IMmxOp
    {
        if (Unavailable(core, s))
            return MicrocodeResult.Fault;
        ulong b;
        if (op->AccessSize == 0)
        {
            b = *(ulong*)((byte*)s + op->B);
            if (op->Width == 4)
                b = (uint)b;
        }
        else if (!Source(core, s, op, out b))
        {
            return MicrocodeResult.Fault;
        }

        Enter(s);
        int dst = Destination(op);
        Write(s, dst, TOp.Execute(s->X87.Registers[dst * 2], b, (byte)op->Imm));
        return MicrocodeResult.Done;
    }

    /// <summary>General-purpose register Dst or memory = op(mm): MOVD, MOVQ, MOVNTQ, PEXTRW, PMOVMSKB.</summary>
    public static MicrocodeResult ToInt<TOp>(CoreContext core, CpuState* s, MicroOp* op)
        where TOp : struct, IMmxOp
    {
        if (Unavailable(core, s))
            return MicrocodeResult.Fault;
        ulong value = TOp.Execute(0, s->X87.Registers[SourceNumber(op) * 2], (byte)op->Imm);
        if (op->AccessSize != 0)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            if (!MicrocodeMemory.WriteOperand(core, s, op, bytes[..op->AccessSize]))
                return MicrocodeResult.Fault;
        }
        else
        {
            *(ulong*)((byte*)s + op->Dst) = op->Width == 4 ? (uint)value : value;
        }

        Enter(s);
        return MicrocodeResult.Done;
    }

    /// <summary>MOVQ2DQ: xmm Dst = mm.</summary>
    public static MicrocodeResult ToVector(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Unavailable(core, s))
            return MicrocodeResult.Fault;
        Enter(s);
        ulong* target = (ulong*)((byte*)s + op->Dst);
        target[0] = s->X87.Registers[SourceNumber(op) * 2];
        target[1] = 0;
        return MicrocodeResult.Done;
    }

    /// <summary>MOVDQ2Q: mm = low quadword of xmm B.</summary>
    public static MicrocodeResult FromVector(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Unavailable(core, s))
            return MicrocodeResult.Fault;
        Enter(s);
        Write(s, Destination(op), *(ulong*)((byte*)s + op->B));
        return MicrocodeResult.Done;
    }

    /// <summary>CVTPI2PS, CVTPI2PD: xmm Dst = op(mm or memory).</summary>
    public static MicrocodeResult ConvertToVector<TOp>(CoreContext core, CpuState* s, MicroOp* op)
        where TOp : struct, IVecFloatOp
    {
        // With a memory operand no MMX register is touched, and a pending x87 exception stays pending.
        bool mmx = op->AccessSize == 0;
        if (Unavailable(core, s, pendingCounts: mmx) || !Source(core, s, op, out ulong b))
            return MicrocodeResult.Fault;
        if (mmx)
            Enter(s);
        FloatEnvironment environment = new(s->Mxcsr);
        byte* target = (byte*)s + op->Dst;
        System.Runtime.Intrinsics.Vector128<ulong> result = TOp.Execute(
            VecAccess.Low(target), System.Runtime.Intrinsics.Vector128.CreateScalar(b), 0, ref environment);
        if (SimdException.Commit(s, ref environment))
            return core.Raise(SimdException.Vector(s));
        VecAccess.Write<LegacyShape>(target, result);
        return MicrocodeResult.Done;
    }

    /// <summary>CVTPS2PI, CVTPD2PI and the truncating ones: mm = op(xmm B or memory).</summary>
    public static MicrocodeResult ConvertFromVector<TOp>(CoreContext core, CpuState* s, MicroOp* op)
        where TOp : struct, IVecFloatOp
    {
        if (Unavailable(core, s))
            return MicrocodeResult.Fault;
        Span<byte> bytes = stackalloc byte[16];
        if (op->AccessSize == 0)
        {
            new Span<byte>((byte*)s + op->B, 16).CopyTo(bytes);
        }
        else
        {
            if (op->AccessSize == 16 && s->Host.Operand == null)
            {
                if (!MicrocodeMemory.Address(s, op, out ulong linear))
                    return MicrocodeResult.Fault;
                if ((linear & 15) != 0)
                    return core.Raise(ExceptionVector.GeneralProtection);
            }

            if (!MicrocodeMemory.ReadOperand(core, s, op, bytes[..op->AccessSize]))
                return MicrocodeResult.Fault;
        }

        FloatEnvironment environment = new(s->Mxcsr);
        System.Runtime.Intrinsics.Vector128<ulong> source = System.Runtime.Intrinsics.Vector128.Create(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        ulong result = TOp.Execute(default, source, 0, ref environment)[0];
        Enter(s);
        if (SimdException.Commit(s, ref environment))
            return core.Raise(SimdException.Vector(s));
        Write(s, Destination(op), result);
        return MicrocodeResult.Done;
    }

    /// <summary>MASKMOVQ: bytes of mm (destination field) whose mask byte has its sign set, to the address in the memory operand.</summary>
    public static MicrocodeResult MaskedStore(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Unavailable(core, s) || !MicrocodeMemory.Address(s, op, out ulong linear))
            return MicrocodeResult.Fault;
        ulong value = s->X87.Registers[Destination(op) * 2], mask = s->X87.Registers[SourceNumber(op) * 2];
        if (!MaskedStores.Store(core, op, linear, [value], [mask]))
            return MicrocodeResult.Fault;
        Enter(s);
        return MicrocodeResult.Done;
    }

    /// <summary>EMMS.</summary>
    public static MicrocodeResult Empty(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Unavailable(core, s))
            return MicrocodeResult.Fault;
        Enter(s);
        s->X87.Tag = 0xFFFF;
        return MicrocodeResult.Done;
    }

    private static int Destination(MicroOp* op) => (int)(op->Imm >> 8) & 7;

    private static int SourceNumber(MicroOp* op) => (int)(op->Imm >> 12) & 7;

    private static void Enter(CpuState* s)
    {
        s->X87.Tag = 0;
        s->X87.Status &= 0xC7FF;
    }

    private static void Write(CpuState* s, int number, ulong value)
    {
        s->X87.Registers[number * 2] = value;
        s->X87.Registers[(number * 2) + 1] = 0xFFFF;
    }

    private static bool Source(CoreContext core, CpuState* s, MicroOp* op, out ulong value)
    {
        value = s->X87.Registers[SourceNumber(op) * 2];
        if (op->AccessSize == 0)
            return true;
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        if (!MicrocodeMemory.ReadOperand(core, s, op, bytes[..op->AccessSize]))
            return false;
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return true;
    }

    private static bool Unavailable(CoreContext core, CpuState* s) => Unavailable(core, s, pendingCounts: true);

    private static bool Unavailable(CoreContext core, CpuState* s, bool pendingCounts)
    {
        if ((s->Cr0 & ControlBits.Cr0Emulation) != 0)
            core.Raise(ExceptionVector.InvalidOpcode);
        else if ((s->Cr0 & ControlBits.Cr0TaskSwitched) != 0)
            core.Raise(ExceptionVector.DeviceNotAvailable);
        else
            return pendingCounts && (s->X87.Status & X87Unit.SummaryBit) != 0 && core.ReportsNumericError();
        return true;
    }
}
