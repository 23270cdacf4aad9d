using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Segment and descriptor-table instructions (AMD APM vol. 3). Source values come in register A, or in temporaries loaded before.</summary>
internal static unsafe class SegmentMicrocode
{
    /// <summary>MOV or POP to a segment register; Condition names it, A holds the selector.</summary>
    public static MicrocodeResult Load(CoreContext core, CpuState* s, MicroOp* op)
    {
        SegmentIndex index = (SegmentIndex)op->Condition;
        ushort selector = *(ushort*)((byte*)s + op->A);
        if (!SegmentLoad.Data(core, index, selector))
            return MicrocodeResult.Fault;
        // POP also moves the stack pointer, by Imm bytes.
        if (op->Imm != 0)
        {
            StackFrame stack = new(core);
            stack.Skip((long)op->Imm);
            stack.Commit();
        }

        if (index == SegmentIndex.Ss)
        {
            s->InterruptShadow = 2;
            core.RefreshMode();
        }

        return MicrocodeResult.Done;
    }

    /// <summary>LDS, LES, LFS, LGS, LSS: A holds the offset, B the selector, Condition names the segment register.</summary>
    public static MicrocodeResult LoadPointer(CoreContext core, CpuState* s, MicroOp* op)
    {
        SegmentIndex index = (SegmentIndex)op->Condition;
        if (!SegmentLoad.Data(core, index, *(ushort*)((byte*)s + op->B)))
            return MicrocodeResult.Fault;
        byte* dst = (byte*)s + op->Dst;
        ulong offset = *(ulong*)((byte*)s + op->A);
        switch (op->Width)
        {
            case 2: *(ushort*)dst = (ushort)offset; break;
            case 4: *(ulong*)dst = (uint)offset; break;
            default: *(ulong*)dst = offset; break;
        }

        if (index == SegmentIndex.Ss)
            core.RefreshMode();
        return MicrocodeResult.Done;
    }

    /// <summary>LGDT (Condition 0) and LIDT (1): reads the memory operand, after the level has been checked.</summary>
    public static MicrocodeResult LoadTable(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        int baseBytes = s->Mode == CpuMode.Long64 ? 8 : 4;
        Span<byte> bytes = stackalloc byte[10];
        bytes.Clear();
        if (!MicrocodeMemory.Address(s, op, out ulong linear) || !Isa.X87.MicrocodeMemory.Read(core, op, linear, bytes[..(2 + baseBytes)]))
            return MicrocodeResult.Fault;
        ulong baseAddress = BinaryPrimitives.ReadUInt64LittleEndian(bytes[2..]);
        if (op->Width == 2)
            baseAddress &= 0xFF_FFFF;
        if (s->Mode == CpuMode.Long64 && !VirtualMemory.IsCanonical(baseAddress))
            return core.Raise(ExceptionVector.GeneralProtection);
        ref TableRegister table = ref op->Condition == 0 ? ref s->Gdtr : ref s->Idtr;
        table.Base = baseAddress;
        table.Limit = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return MicrocodeResult.Done;
    }

    /// <summary>SGDT and SIDT: stores to the memory operand.</summary>
    public static MicrocodeResult StoreTable(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Prevented(s))
            return core.Raise(ExceptionVector.GeneralProtection);
        ref TableRegister table = ref op->Condition == 0 ? ref s->Gdtr : ref s->Idtr;
        int baseBytes = s->Mode == CpuMode.Long64 ? 8 : 4;
        Span<byte> bytes = stackalloc byte[10];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)table.Limit);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[2..], table.Base);
        return MicrocodeMemory.Address(s, op, out ulong linear) && Isa.X87.MicrocodeMemory.Write(core, op, linear, bytes[..(2 + baseBytes)])
            ? MicrocodeResult.Done
            : MicrocodeResult.Fault;
    }

    /// <summary>LLDT (Condition 0) and LTR (1): the selector is the operand, which is not looked at above level 0.</summary>
    public static MicrocodeResult LoadSystem(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Mode is CpuMode.Real or CpuMode.Virtual8086)
            return core.Raise(ExceptionVector.InvalidOpcode);
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        if (!MicrocodeMemory.Word(core, s, op, out ushort selector))
            return MicrocodeResult.Fault;
        bool done = op->Condition == 0 ? SegmentLoad.LocalTable(core, selector) : SegmentLoad.Task(core, selector);
        return done ? MicrocodeResult.Done : MicrocodeResult.Fault;
    }

    /// <summary>SLDT (0), STR (1), SMSW (2): the value goes to Dst, of Width bytes; UMIP may forbid it.</summary>
    public static MicrocodeResult StoreSystem(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (op->Condition != 2 && s->Mode is CpuMode.Real or CpuMode.Virtual8086)
            return core.Raise(ExceptionVector.InvalidOpcode);
        if (Prevented(s))
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong value = op->Condition switch
        {
            0 => CpuState.Segment(s, SegmentIndex.Ldtr).Selector,
            1 => CpuState.Segment(s, SegmentIndex.Tr).Selector,
            _ => s->Cr0,
        };
        byte* dst = (byte*)s + op->Dst;
        if (op->Width == 2)
            *(ushort*)dst = (ushort)value;
        else
            *(ulong*)dst = op->Width == 4 ? (uint)value : value;
        return MicrocodeResult.Done;
    }

    /// <summary>LAR (0), LSL (1), VERR (2), VERW (3): selector in A; ZF tells success.</summary>
    public static MicrocodeResult Inspect(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Mode is CpuMode.Real or CpuMode.Virtual8086)
            return core.Raise(ExceptionVector.InvalidOpcode);
        ushort selector = *(ushort*)((byte*)s + op->A);
        s->Flags &= ~FlagBits.ZF;
        if ((selector & 0xFFFC) == 0)
            return MicrocodeResult.Done;
        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.GeneralProtection, out Descriptor d, out _))
        {
            // A selector outside its table is no fault here; a page fault is.
            if (s->Host.FaultVector == ExceptionVector.PageFault)
                return MicrocodeResult.Fault;
            s->Host.FaultVector = HostState.NoFault;
            return MicrocodeResult.Done;
        }

        int rpl = selector & 3;
        bool visible = (d.IsCode && d.IsConforming) || d.Dpl >= Math.Max(rpl, s->Cpl);
        bool valid = visible && op->Condition switch
        {
            0 => d.CodeOrData || IsSystemType(s, d.Type, forLimit: false),
            1 => d.CodeOrData || IsSystemType(s, d.Type, forLimit: true),
            2 => d.CodeOrData && (!d.IsCode || (d.Type & 2) != 0),
            _ => d.CodeOrData && !d.IsCode && (d.Type & 2) != 0,
        };
        if (!valid)
            return MicrocodeResult.Done;
        s->Flags |= FlagBits.ZF;
        if (op->Condition > 1)
            return MicrocodeResult.Done;
        ulong value = op->Condition == 0 ? (d.Raw >> 32) & 0x00FF_FF00 : d.Limit;
        byte* dst = (byte*)s + op->Dst;
        if (op->Width == 2)
            *(ushort*)dst = (ushort)value;
        else
            *(ulong*)dst = (uint)value;
        return MicrocodeResult.Done;
    }

    /// <summary>
    /// ARPL: legacy protected mode; register in A or memory operand, source in B. A selector that stays as it is is not written: in a
    /// read-only page that is no fault (measured on AMD processors).
    /// </summary>
    public static MicrocodeResult AdjustLevel(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Mode is CpuMode.Real or CpuMode.Virtual8086)
            return core.Raise(ExceptionVector.InvalidOpcode);
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        ulong linear = 0;
        bool memory = op->AccessSize != 0;
        if (!memory)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, *(ushort*)((byte*)s + op->A));
        else if (!Isa.X87.MicrocodeMemory.Address(s, op, out linear) || !Isa.X87.MicrocodeMemory.Read(core, op, linear, bytes))
            return MicrocodeResult.Fault;
        int selector = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        int wanted = *(ushort*)((byte*)s + op->B) & 3;
        bool raise = (selector & 3) < wanted;
        if (raise)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)((selector & ~3) | wanted));
            if (!memory)
                *(ushort*)((byte*)s + op->A) = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            else if (!Isa.X87.MicrocodeMemory.Write(core, op, linear, bytes))
                return MicrocodeResult.Fault;
        }

        s->Flags = (s->Flags & ~FlagBits.ZF) | (raise ? FlagBits.ZF : 0);
        return MicrocodeResult.Done;
    }

    /// <summary>RDFSBASE (0), RDGSBASE (1), WRFSBASE (2), WRGSBASE (3): register in A or Dst.</summary>
    public static MicrocodeResult BaseAccess(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Mode != CpuMode.Long64 || (s->Cr4 & ControlBits.Cr4FsGsBase) == 0)
            return core.Raise(ExceptionVector.InvalidOpcode);
        ref SegmentRegister register = ref CpuState.Segment(s, (op->Condition & 1) == 0 ? SegmentIndex.Fs : SegmentIndex.Gs);
        if (op->Condition < 2)
        {
            *(ulong*)((byte*)s + op->Dst) = op->Width == 8 ? register.Base : (uint)register.Base;
            return MicrocodeResult.Done;
        }

        ulong value = *(ulong*)((byte*)s + op->A);
        if (op->Width == 4)
            value = (uint)value;
        if (!VirtualMemory.IsCanonical(value))
            return core.Raise(ExceptionVector.GeneralProtection);
        register.Base = value;
        return MicrocodeResult.Done;
    }

    private static bool Prevented(CpuState* s) => s->Cpl != 0 && (s->Cr4 & ControlBits.Cr4Umip) != 0;

    private static bool IsSystemType(CpuState* s, int type, bool forLimit)
    {
        bool isLong = (s->Efer & ControlBits.EferLongActive) != 0;
        return type switch
        {
            2 or 9 or 11 => true,
            1 or 3 => !isLong,
            4 or 5 => !isLong && !forLimit,
            12 => !forLimit,
            _ => false,
        };
    }
}

/// <summary>The memory operand of a microcoded instruction.</summary>
internal static unsafe class MicrocodeMemory
{
    /// <summary>Linear address from the architectural registers. False: a fault is recorded.</summary>
    public static bool Address(CpuState* s, MicroOp* op, out ulong linear) =>
        EffectiveAddress.Linear(s, op, *(ulong*)((byte*)s + op->Base), *(ulong*)((byte*)s + op->Index), out linear);

    /// <summary>Reads an operand of 16 bits: memory, or register A where there is none. False: a fault is recorded.</summary>
    public static bool Word(CoreContext core, CpuState* s, MicroOp* op, out ushort value)
    {
        if (op->AccessSize == 0)
        {
            value = *(ushort*)((byte*)s + op->A);
            return true;
        }

        Span<byte> bytes = stackalloc byte[2];
        bool done = Address(s, op, out ulong linear) && Isa.X87.MicrocodeMemory.Read(core, op, linear, bytes);
        value = done ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;
        return done;
    }
}
