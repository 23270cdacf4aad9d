using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>
/// XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR and XRSTORS (AMD APM vol. 2, 11.5; vol. 4). Components: 0 x87, 1 SSE, 2 the upper halves of
/// YMM registers (AVX), 9 PKRU. AVX stands at the same offset in the standard and the compacted format, PKRU behind it or in its place.
/// </summary>
internal static unsafe class XState
{
    private const ulong X87 = 1, Sse = 2, Avx = 4, Pkru = 1 << 9;
    private const int LegacySize = 512, HeaderSize = 64, AvxOffset = 576, AvxSize = 256, PkruOffset = AvxOffset + AvxSize, PkruSize = 8, MaxSize = PkruOffset;
    private const ulong Compacted = 1UL << 63;
    private const uint MxcsrInit = 0x1F80;

    /// <summary>XSAVE: everything requested, standard format.</summary>
    public static MicrocodeResult Save(CoreContext core, CpuState* s, MicroOp* op) => SaveStandard(core, s, op, optimised: false);

    /// <summary>XSAVEOPT: like XSAVE, but components in their initial state are not written.</summary>
    public static MicrocodeResult SaveOptimised(CoreContext core, CpuState* s, MicroOp* op) => SaveStandard(core, s, op, optimised: true);

    /// <summary>XSAVEC: compacted format.</summary>
    public static MicrocodeResult SaveCompacted(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!Ready(core, s, op, out ulong linear))
            return MicrocodeResult.Fault;
        ulong requested = Requested(s);
        ulong stored = requested & InUse(s);
        Span<byte> image = stackalloc byte[MaxSize];
        image.Clear();
        EncodeLegacy(s, op->Width == 8, stored, image);
        BinaryPrimitives.WriteUInt64LittleEndian(image[LegacySize..], stored);
        BinaryPrimitives.WriteUInt64LittleEndian(image[(LegacySize + 8)..], requested | Compacted);
        CopyUppers(s, image[AvxOffset..], save: true);
        int pkruOffset = PkruOffsetIn(requested | Compacted);
        bool written = CheckArea(core, op, linear, requested, pkruOffset) && WriteLegacy(core, op, linear, image, stored & ~Avx)
            && MicrocodeMemory.Write(core, op, linear + LegacySize, image.Slice(LegacySize, 16))
            && ((stored & Avx) == 0 || MicrocodeMemory.Write(core, op, linear + AvxOffset, image.Slice(AvxOffset, AvxSize)))
            && WritePkru(core, s, op, linear + (uint)pkruOffset, stored);
        return written ? MicrocodeResult.Done : MicrocodeResult.Fault;
    }

    /// <summary>XSAVES: XSAVEC for supervisors (no supervisor components exist on Zen 2).</summary>
    public static MicrocodeResult SaveSupervisor(CoreContext core, CpuState* s, MicroOp* op) =>
        Refused(core, s) ? MicrocodeResult.Fault : SaveCompacted(core, s, op);

    /// <summary>XRSTOR: both formats.</summary>
    public static MicrocodeResult Restore(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!Ready(core, s, op, out ulong linear))
            return MicrocodeResult.Fault;
        Span<byte> image = stackalloc byte[MaxSize];
        image.Clear();
        if (!MicrocodeMemory.Read(core, op, linear, image[..(LegacySize + HeaderSize)]))
            return MicrocodeResult.Fault;
        ulong present = BinaryPrimitives.ReadUInt64LittleEndian(image[LegacySize..]);
        ulong format = BinaryPrimitives.ReadUInt64LittleEndian(image[(LegacySize + 8)..]);
        bool compacted = (format & Compacted) != 0;
        if (!HeaderIsValid(s, image, present, format))
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong requested = Requested(s);
        if ((requested & present & Avx) != 0 && !MicrocodeMemory.Read(core, op, linear + AvxOffset, image.Slice(AvxOffset, AvxSize)))
            return MicrocodeResult.Fault;

        Span<byte> pkru = stackalloc byte[PkruSize];
        pkru.Clear();
        if ((requested & present & Pkru) != 0 && !MicrocodeMemory.Read(core, op, linear + (uint)PkruOffsetIn(format), pkru))
            return MicrocodeResult.Fault;

        uint mxcsr = BinaryPrimitives.ReadUInt32LittleEndian(image[24..]);
        bool loadsMxcsr = compacted ? (requested & present & Sse) != 0 : (requested & (Sse | Avx)) != 0;
        if (loadsMxcsr && (mxcsr & ~FxState.MxcsrMask) != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        if (loadsMxcsr)
            s->Mxcsr = mxcsr;
        else if (compacted && (requested & Sse) != 0)
            s->Mxcsr = MxcsrInit;
        Load(s, op->Width == 8, requested, present, image);
        if ((requested & Pkru) != 0)
            s->Pkru = BinaryPrimitives.ReadUInt32LittleEndian(pkru);
        return MicrocodeResult.Done;
    }

    // Programs may not use the supervisor's forms; without CR4.OSXSAVE they are undefined for everybody.
    private static bool Refused(CoreContext core, CpuState* s)
    {
        if (s->Cpl == 0)
            return false;
        core.Raise((s->Cr4 & ControlBits.Cr4Xsave) == 0 ? ExceptionVector.InvalidOpcode : ExceptionVector.GeneralProtection);
        return true;
    }

    /// <summary>XRSTORS: supervisors, compacted format only.</summary>
    public static MicrocodeResult RestoreSupervisor(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Refused(core, s) || !Ready(core, s, op, out ulong linear))
            return MicrocodeResult.Fault;
        Span<byte> format = stackalloc byte[8];
        if (!MicrocodeMemory.Read(core, op, linear + LegacySize + 8, format))
            return MicrocodeResult.Fault;
        return (format[7] & 0x80) != 0 ? Restore(core, s, op) : core.Raise(ExceptionVector.GeneralProtection);
    }

    /// <summary>Components that are not in their initial state (XGETBV with ECX = 1).</summary>
    public static ulong InUse(CpuState* s)
    {
        ulong inUse = 0;
        if (s->X87.Control != 0x37F || s->X87.Status != 0 || s->X87.Tag != 0xFFFF || s->X87.Opcode != 0
            || s->X87.InstructionPointer != 0 || s->X87.DataPointer != 0)
        {
            inUse |= X87;
        }

        ulong low = 0, high = 0;
        for (int i = 0; i < 16; i++)
        {
            low |= s->Vec[i * 4] | s->Vec[(i * 4) + 1];
            high |= s->Vec[(i * 4) + 2] | s->Vec[(i * 4) + 3];
        }

        if (low != 0 || s->Mxcsr != MxcsrInit)
            inUse |= Sse;
        if (s->Pkru != 0)
            inUse |= Pkru;
        return high != 0 ? inUse | Avx : inUse;
    }

    private static MicrocodeResult SaveStandard(CoreContext core, CpuState* s, MicroOp* op, bool optimised)
    {
        if (!Ready(core, s, op, out ulong linear))
            return MicrocodeResult.Fault;
        ulong requested = Requested(s);
        ulong inUse = InUse(s);
        ulong stored = optimised ? requested & inUse : requested;
        Span<byte> image = stackalloc byte[MaxSize];
        image.Clear();
        if (!CheckArea(core, op, linear, requested, PkruOffset) || !MicrocodeMemory.Read(core, op, linear + LegacySize, image.Slice(LegacySize, 8)))
            return MicrocodeResult.Fault;
        ulong present = BinaryPrimitives.ReadUInt64LittleEndian(image[LegacySize..]);
        BinaryPrimitives.WriteUInt64LittleEndian(image[LegacySize..], (present & ~requested) | (requested & inUse));
        EncodeLegacy(s, op->Width == 8, stored, image);
        CopyUppers(s, image[AvxOffset..], save: true);
        ulong legacy = stored | ((requested & Avx) != 0 ? Avx : 0);
        bool written = WriteLegacy(core, op, linear, image, legacy)
            && MicrocodeMemory.Write(core, op, linear + LegacySize, image.Slice(LegacySize, 8))
            && ((stored & Avx) == 0 || MicrocodeMemory.Write(core, op, linear + AvxOffset, image.Slice(AvxOffset, AvxSize)))
            && WritePkru(core, s, op, linear + PkruOffset, stored);
        return written ? MicrocodeResult.Done : MicrocodeResult.Fault;
    }

    // A fault leaves the whole area as it was: everything that may be written is checked first, needed in the end or not.
    private static bool CheckArea(CoreContext core, MicroOp* op, ulong linear, ulong requested, int pkruOffset) =>
        MicrocodeMemory.CheckWrite(core, op, linear, LegacySize + HeaderSize)
        && ((requested & Avx) == 0 || MicrocodeMemory.CheckWrite(core, op, linear + AvxOffset, AvxSize))
        && ((requested & Pkru) == 0 || MicrocodeMemory.CheckWrite(core, op, linear + (uint)pkruOffset, PkruSize));

    private static bool WritePkru(CoreContext core, CpuState* s, MicroOp* op, ulong linear, ulong stored) =>
        (stored & Pkru) == 0 || MicrocodeMemory.Write(core, op, linear, new ReadOnlySpan<byte>(&s->Pkru, PkruSize));

    /// <summary>The compacted format leaves no room for an AVX component that is not in it.</summary>
    private static int PkruOffsetIn(ulong format) => (format & Compacted) != 0 && (format & Avx) == 0 ? AvxOffset : PkruOffset;

    private static void EncodeLegacy(CpuState* s, bool wide, ulong stored, Span<byte> image)
    {
        FxState.EncodeHeader(s, wide, image);
        if ((stored & Sse) == 0)
            return;
        for (int i = 0; i < 16; i++)
            new Span<byte>(s->Vec + (i * 4), 16).CopyTo(image[(160 + (i * 16))..]);
    }

    // The x87 part is bytes 0-23 and 32-159; MXCSR and its mask belong to SSE and AVX.
    private static bool WriteLegacy(CoreContext core, MicroOp* op, ulong linear, Span<byte> image, ulong stored) =>
        ((stored & X87) == 0 || (MicrocodeMemory.Write(core, op, linear, image[..24]) && MicrocodeMemory.Write(core, op, linear + 32, image[32..160])))
        && ((stored & (Sse | Avx)) == 0 || MicrocodeMemory.Write(core, op, linear + 24, image[24..32]))
        && ((stored & Sse) == 0 || MicrocodeMemory.Write(core, op, linear + 160, image[160..416]));

    private static void Load(CpuState* s, bool wide, ulong requested, ulong present, Span<byte> image)
    {
        if ((requested & X87) != 0)
        {
            if ((present & X87) != 0)
                FxState.DecodeHeader(s, wide, image);
            else
                InitialiseX87(s);
        }

        if ((requested & Sse) != 0)
        {
            for (int i = 0; i < 16; i++)
            {
                Span<byte> target = new(s->Vec + (i * 4), 16);
                if ((present & Sse) != 0)
                    image.Slice(160 + (i * 16), 16).CopyTo(target);
                else
                    target.Clear();
            }
        }

        if ((requested & Avx) == 0)
            return;
        if ((present & Avx) == 0)
            image.Slice(AvxOffset, AvxSize).Clear();
        CopyUppers(s, image[AvxOffset..], save: false);
    }

    private static void InitialiseX87(CpuState* s)
    {
        X87Image.Initialise(s);
        for (int i = 0; i < 16; i++)
            s->X87.Registers[i] = 0;
    }

    private static void CopyUppers(CpuState* s, Span<byte> area, bool save)
    {
        for (int i = 0; i < 16; i++)
        {
            Span<byte> register = new(s->Vec + (i * 4) + 2, 16);
            Span<byte> memory = area.Slice(i * 16, 16);
            if (save)
                register.CopyTo(memory);
            else
                memory.CopyTo(register);
        }
    }

    private static bool HeaderIsValid(CpuState* s, Span<byte> image, ulong present, ulong format)
    {
        ulong known = (format & Compacted) != 0 ? format & ~Compacted : s->Xcr0;
        if ((format & Compacted) == 0 && format != 0)
            return false;
        if ((known & ~s->Xcr0) != 0 || (present & ~known) != 0)
            return false;
        int reservedEnd = (format & Compacted) != 0 ? LegacySize + HeaderSize : LegacySize + 24;
        return !image[(LegacySize + 16)..reservedEnd].ContainsAnyExcept((byte)0);
    }

    private static ulong Requested(CpuState* s) => s->Xcr0 & (((ulong)(uint)s->Gpr[2] << 32) | (uint)s->Gpr[0]);

    private static bool Ready(CoreContext core, CpuState* s, MicroOp* op, out ulong linear)
    {
        linear = 0;
        if ((s->Cr4 & ControlBits.Cr4Xsave) == 0)
            core.Raise(ExceptionVector.InvalidOpcode);
        else if ((s->Cr0 & ControlBits.Cr0TaskSwitched) != 0)
            core.Raise(ExceptionVector.DeviceNotAvailable);
        else if (!MicrocodeMemory.Address(s, op, out linear))
            return false;
        else if ((linear & 63) != 0)
            core.Raise(ExceptionVector.GeneralProtection);
        else
            return true;
        return false;
    }
}
