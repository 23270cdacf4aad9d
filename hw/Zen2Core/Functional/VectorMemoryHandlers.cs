using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>
/// Loads and stores of vector registers. <see cref="MicroOp.AccessSize"/> is 1 to 32 bytes; <see cref="MicroOp.Extra"/> is the required
/// alignment in bytes minus one, or 0: legacy 16-byte operands and the aligned moves raise #GP(0) when it is missed.
/// </summary>
internal static unsafe class VectorMemoryHandlers
{
    /// <summary>MXCSR.MM: misaligned SSE operands are allowed (AMD APM vol. 1, 4.2.2).</summary>
    private const uint MisalignedMode = 0x2_0000;

    /// <summary>Loads 16 bytes into the lower half.</summary>
    public static MicroOp* Load16<TShape, TAddress>(CpuState* s, MicroOp* op)
        where TShape : struct, IVecShape
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        if (((linear + 15) & ~0xFFFUL) != entry->ReadTag || (linear & op->Extra) != 0)
            return LoadSlow<TShape>(s, op, linear);
        VecAccess.Write<TShape>((byte*)s + op->Dst, VecAccess.Low((byte*)linear + entry->Addend));
        return op + 1;
    }

    /// <summary>Loads any number of bytes; the rest of the register, up to the shape's width, becomes zero.</summary>
    public static MicroOp* LoadAny<TShape, TAddress>(CpuState* s, MicroOp* op)
        where TShape : struct, IVecShape
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        uint size = op->AccessSize;
        if (((linear + size - 1) & ~0xFFFUL) != entry->ReadTag || (linear & op->Extra) != 0)
            return LoadSlow<TShape>(s, op, linear);
        byte* host = (byte*)linear + entry->Addend;
        byte* register = (byte*)s + op->Dst;
        switch (size)
        {
            case 4:
                VecAccess.Write<TShape>(register, Vector128.CreateScalar((ulong)*(uint*)host));
                return op + 1;
            case 8:
                VecAccess.Write<TShape>(register, Vector128.CreateScalar(*(ulong*)host));
                return op + 1;
            case 32 when TShape.Wide:
                VecAccess.Write(register, VecAccess.Low(host), VecAccess.High(host));
                return op + 1;
            default:
                return LoadSlow<TShape>(s, op, linear);
        }
    }

    /// <summary>Stores 16 bytes of the lower half.</summary>
    public static MicroOp* Store16<TAddress>(CpuState* s, MicroOp* op)
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        if (((linear + 15) & ~0xFFFUL) != entry->WriteTag || (linear & op->Extra) != 0)
            return StoreSlow(s, op, linear);
        Unsafe.WriteUnaligned((byte*)linear + entry->Addend, VecAccess.Low((byte*)s + op->A));
        return op + 1;
    }

    /// <summary>Stores any number of bytes from the bottom of the register.</summary>
    public static MicroOp* StoreAny<TAddress>(CpuState* s, MicroOp* op)
        where TAddress : struct, IAddressing
    {
        if (!TAddress.Form(s, op, out ulong linear))
            return Leave.AtFault(s, op);
        TlbEntry* entry = s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        uint size = op->AccessSize;
        if (((linear + size - 1) & ~0xFFFUL) != entry->WriteTag || (linear & op->Extra) != 0)
            return StoreSlow(s, op, linear);
        byte* host = (byte*)linear + entry->Addend;
        byte* register = (byte*)s + op->A;
        switch (size)
        {
            case 4:
                *(uint*)host = *(uint*)register;
                return op + 1;
            case 8:
                *(ulong*)host = *(ulong*)register;
                return op + 1;
            case 32:
                VecAccess.Write(host, VecAccess.Low(register), VecAccess.High(register));
                return op + 1;
            default:
                return StoreSlow(s, op, linear);
        }
    }

    /// <summary>Value function of a load: the bytes come zero-extended in VA.</summary>
    public static void LoadValue<TShape>(ExecArgs* e, MicroOp* op)
        where TShape : struct, IVecShape =>
        e->VResult = TShape.Wide ? e->VA : Vector256.Create(e->VA.GetLower(), VecAccess.Upper<TShape>(e, op));

    /// <summary>Value function of a store.</summary>
    public static void StoreValue(ExecArgs* e, MicroOp* op)
    {
        e->VResult = e->VA;
        e->Result = e->VA.ToScalar(); // a store of up to 8 bytes takes its data from here
    }

    /// <summary>Whether an access misses its required alignment. MXCSR.MM lets operands of calculations do so, not the aligned moves.</summary>
    public static bool Misaligned(CpuState* s, MicroOp* op, ulong linear) =>
        (linear & op->Extra) != 0 && ((s->Mxcsr & MisalignedMode) == 0 || !IsOperand(op));

    // An operand of 16 bytes is loaded into a temporary register, what is moved into one with a name.
    private static bool IsOperand(MicroOp* op) => op->Extra == 15 && op->Class == MicroOpClass.Load && op->Dst >= VecCrack.T0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MicroOp* LoadSlow<TShape>(CpuState* s, MicroOp* op, ulong linear)
        where TShape : struct, IVecShape
    {
        if (Misaligned(s, op, linear))
            return Leave.Fault(s, op, ExceptionVector.GeneralProtection, 0);
        int size = op->AccessSize;
        byte* bytes = stackalloc byte[32];
        new Span<byte>(bytes, 32).Clear();
        byte* direct = CoreContext.Of(s).Virtual.Direct(linear, write: false);
        if (direct != null && (int)(linear & 0xFFF) + size <= 0x1000)
        {
            Unsafe.CopyBlockUnaligned(bytes, direct, (uint)size);
        }
        else if (!CoreContext.Of(s).Virtual.ReadBytes(linear, new Span<byte>(bytes, size)))
        {
            MemoryAccess.NoteSegment(s, op);
            return Leave.AtFault(s, op);
        }

        byte* register = (byte*)s + op->Dst;
        if (TShape.Wide)
            VecAccess.Write(register, VecAccess.Low(bytes), VecAccess.High(bytes));
        else
            VecAccess.Write<TShape>(register, VecAccess.Low(bytes));
        return op + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MicroOp* StoreSlow(CpuState* s, MicroOp* op, ulong linear)
    {
        if (Misaligned(s, op, linear))
            return Leave.Fault(s, op, ExceptionVector.GeneralProtection, 0);
        int size = op->AccessSize;
        byte* direct = CoreContext.Of(s).Virtual.Direct(linear, write: true);
        if (direct != null && (int)(linear & 0xFFF) + size <= 0x1000)
        {
            Unsafe.CopyBlockUnaligned(direct, (byte*)s + op->A, (uint)size);
            return op + 1;
        }

        ulong limit = s->Host.Limit;
        return MemoryAccess.Finish(s, op, limit, CoreContext.Of(s).Virtual.WriteBytes(linear, new ReadOnlySpan<byte>((byte*)s + op->A, size)));
    }
}
