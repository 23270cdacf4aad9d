using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>CPUID, TLB and cache control, wide compare-exchange, random numbers, markers.</summary>
internal static unsafe class MiscMicrocode
{
    /// <summary>CPUID.</summary>
    public static MicrocodeResult Cpuid(CoreContext core, CpuState* s, MicroOp* op)
    {
        CpuidResult r = core.Cpuid.Query((uint)s->Gpr[0], (uint)s->Gpr[1]);
        s->Gpr[0] = r.Eax;
        s->Gpr[3] = r.Ebx;
        s->Gpr[1] = r.Ecx;
        s->Gpr[2] = r.Edx;
        return MicrocodeResult.Done;
    }

    /// <summary>INVLPG.</summary>
    public static MicrocodeResult InvalidatePage(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong offset = EffectiveAddress.Offset(op, *(ulong*)((byte*)s + op->Base), *(ulong*)((byte*)s + op->Index));
        ref SegmentRegister segment = ref CpuState.Segment(s, op->Segment);
        ulong linear = s->Mode == CpuMode.Long64 && op->Segment < SegmentIndex.Fs ? offset : segment.Base + offset;
        core.Virtual.FlushPage(linear);
        return MicrocodeResult.Done;
    }

    /// <summary>INVD, WBINVD, WBNOINVD: memory is always up to date; only the time they take is seen.</summary>
    public static MicrocodeResult InvalidateCaches(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        core.OnCachesInvalidated();
        return MicrocodeResult.Done;
    }

    /// <summary>CMPXCHG8B and CMPXCHG16B: half the operand size in Width.</summary>
    public static MicrocodeResult CompareExchangeWide(CoreContext core, CpuState* s, MicroOp* op)
    {
        int half = op->Width;
        if (!MicrocodeMemory.Address(s, op, out ulong linear))
            return MicrocodeResult.Fault;
        if (half == 8 && (linear & 15) != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        if (!Isa.X87.MicrocodeMemory.CheckWrite(core, op, linear, half * 2)
            || !core.Virtual.Read(linear, half, 0, out ulong low) || !core.Virtual.Read(linear + (uint)half, half, 0, out ulong high))
        {
            return MicrocodeResult.Fault;
        }

        ulong mask = half == 8 ? ulong.MaxValue : uint.MaxValue;
        bool equal = (s->Gpr[0] & mask) == low && (s->Gpr[2] & mask) == high;
        if (equal)
        {
            WriteOutcome first = core.Virtual.Write(linear, half, s->Gpr[3] & mask, 0);
            WriteOutcome second = core.Virtual.Write(linear + (uint)half, half, s->Gpr[1] & mask, 0);
            core.CodeChanged |= first == WriteOutcome.CodeChanged || second == WriteOutcome.CodeChanged;
        }
        else
        {
            s->Gpr[0] = low;
            s->Gpr[2] = high;
        }

        s->Flags = (s->Flags & ~FlagBits.ZF) | FlagMath.If(equal, FlagBits.ZF);
        return MicrocodeResult.Done;
    }

    /// <summary>
    /// MCOMMIT: waits until older stores are where they belong; CF tells that none of them met an error, which memory here never
    /// reports late (AMD APM vol. 3, revision 3.36, MCOMMIT).
    /// </summary>
    public static MicrocodeResult CommitStores(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((s->Efer & ControlBits.EferCommitStores) == 0)
            return core.Raise(ExceptionVector.InvalidOpcode);
        s->Flags = FlagBits.CF;
        return MicrocodeResult.Done;
    }

    /// <summary>CLZERO: clears the line at RAX.</summary>
    public static MicrocodeResult ClearLine(CoreContext core, CpuState* s, MicroOp* op)
    {
        ulong offset = op->AddressWidth switch { 8 => s->Gpr[0], 4 => (uint)s->Gpr[0], _ => (ushort)s->Gpr[0] } & ~63UL;
        if (!EffectiveAddress.Segmented(s, op->Segment, offset, 64, true, out ulong linear))
            return MicrocodeResult.Fault;
        Span<byte> zeroes = stackalloc byte[64];
        zeroes.Clear();
        WriteOutcome outcome = core.Virtual.WriteBytes(linear, zeroes);
        core.CodeChanged |= outcome == WriteOutcome.CodeChanged;
        return outcome == WriteOutcome.Fault ? MicrocodeResult.Fault : MicrocodeResult.Done;
    }

    /// <summary>RDRAND and RDSEED: a seeded generator, always ready.</summary>
    public static MicrocodeResult Random(CoreContext core, CpuState* s, MicroOp* op)
    {
        // SplitMix64 (Steele, Lea, Flood 2014): the state is one counter.
        ulong z = s->RandomState += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        z ^= z >> 31;
        byte* dst = (byte*)s + op->Dst;
        if (op->Width == 2)
            *(ushort*)dst = (ushort)z;
        else
            *(ulong*)dst = op->Width == 4 ? (uint)z : z;
        s->Flags = FlagBits.CF;
        return MicrocodeResult.Done;
    }

    /// <summary>XGETBV.</summary>
    public static MicrocodeResult ReadExtendedControl(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((s->Cr4 & ControlBits.Cr4Xsave) == 0)
            return core.Raise(ExceptionVector.InvalidOpcode);
        // Selector 1 is XCR0 and-ed with the components that are not in their initial state.
        if ((uint)s->Gpr[1] > 1)
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong value = (uint)s->Gpr[1] == 1 ? s->Xcr0 & Isa.X87.XState.InUse(s) : s->Xcr0;
        s->Gpr[0] = (uint)value;
        s->Gpr[2] = value >> 32;
        return MicrocodeResult.Done;
    }

    /// <summary>XSETBV: x87, SSE, AVX, PKRU (the bits of CPUID leaf Dh).</summary>
    public static MicrocodeResult WriteExtendedControl(CoreContext core, CpuState* s, MicroOp* op)
    {
        if ((s->Cr4 & ControlBits.Cr4Xsave) == 0)
            return core.Raise(ExceptionVector.InvalidOpcode);
        ulong value = (uint)s->Gpr[0] | (s->Gpr[2] << 32);
        bool valid = s->Cpl == 0 && (uint)s->Gpr[1] == 0 && (value & 1) != 0 && (value & ~0x207UL) == 0 && (value & 6) != 4;
        if (!valid)
            return core.Raise(ExceptionVector.GeneralProtection);
        s->Xcr0 = value;
        core.RefreshMode();
        return MicrocodeResult.Done;
    }
}
