using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Control and debug registers (AMD APM vol. 2, 3.1 and 13.1; vol. 3, MOV CRn, MOV DRn, LMSW, SMSW, CLTS).</summary>
internal static unsafe class ControlRegisterMicrocode
{
    /// <summary>Bits of CR0 that there are.</summary>
    internal const ulong Cr0Implemented = 0xE005_003F;

    /// <summary>MOV from CR: <see cref="MicroOp.Extra"/> holds the mode, Condition the register number.</summary>
    public static MicrocodeResult Read(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong value;
        switch (op->Condition)
        {
            case 0: value = s->Cr0; break;
            case 2: value = s->Cr2; break;
            case 3: value = s->Cr3; break;
            case 4: value = s->Cr4; break;
            case 8:
                core.Synchronise(0);
                value = core.Interrupts?.TaskPriorityClass ?? 0;
                break;
            default: return core.Raise(ExceptionVector.InvalidOpcode);
        }

        *(ulong*)((byte*)s + op->Dst) = op->Width == 8 ? value : (uint)value;
        return MicrocodeResult.Done;
    }

    /// <summary>MOV to CR.</summary>
    public static MicrocodeResult Write(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong value = *(ulong*)((byte*)s + op->A);
        if (op->Width != 8)
            value = (uint)value;
        bool done;
        switch (op->Condition)
        {
            case 0: done = WriteCr0(core, value); break;
            case 2:
                s->Cr2 = value;
                done = true;
                break;
            case 3:
                done = WriteCr3(core, value);
                if (done)
                    core.NoteAddressSpace(op->Rip, value);
                break;
            case 4: done = WriteCr4(core, value); break;
            case 8:
                done = value < 16;
                if (done && core.Interrupts is { } apic)
                {
                    core.Synchronise(0);
                    apic.TaskPriorityClass = (byte)value;
                }

                break;
            default: return core.Raise(ExceptionVector.InvalidOpcode);
        }

        return done ? MicrocodeResult.Done
            : s->Host.FaultVector != HostState.NoFault ? MicrocodeResult.Fault : core.Raise(ExceptionVector.GeneralProtection);
    }

    /// <summary>LMSW: sets PE, MP, EM, TS; cannot clear PE.</summary>
    public static MicrocodeResult LoadStatusWord(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        if (!MicrocodeMemory.Word(core, s, op, out ushort value))
            return MicrocodeResult.Fault;
        ulong cr0 = (s->Cr0 & ~0xEUL) | (value & 0xFUL) | (s->Cr0 & 1);
        return WriteCr0(core, cr0) ? MicrocodeResult.Done : core.Raise(ExceptionVector.GeneralProtection);
    }

    /// <summary>CLTS.</summary>
    public static MicrocodeResult ClearTaskSwitched(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (s->Cpl != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        s->Cr0 &= ~ControlBits.Cr0TaskSwitched;
        core.RefreshMode();
        return MicrocodeResult.Done;
    }

    /// <summary>MOV from DR.</summary>
    public static MicrocodeResult ReadDebug(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!DebugRegister(core, s, op, out int number))
            return MicrocodeResult.Fault;
        ulong value = s->Dr[number];
        *(ulong*)((byte*)s + op->Dst) = op->Width == 8 ? value : (uint)value;
        return MicrocodeResult.Done;
    }

    /// <summary>MOV to DR.</summary>
    public static MicrocodeResult WriteDebug(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!DebugRegister(core, s, op, out int number))
            return MicrocodeResult.Fault;
        ulong value = *(ulong*)((byte*)s + op->A);
        if (op->Width != 8)
            value = (uint)value;
        if (number >= 6 && value >> 32 != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        ulong old = s->Dr[number];
        s->Dr[number] = number switch
        {
            6 => (value & Dr6Bits.Writable) | Dr6Bits.AlwaysOne,
            7 => (value & Dr7Bits.Writable) | Dr7Bits.AlwaysOne,
            _ => value,
        };
        if (number != 6 && s->Dr[number] != old)
            core.DebugChanged();
        return MicrocodeResult.Done;
    }

    private static bool DebugRegister(CoreContext core, CpuState* s, MicroOp* op, out int number)
    {
        number = op->Condition;
        if (number is 4 or 5)
        {
            if ((s->Cr4 & ControlBits.Cr4DebugExtensions) != 0)
            {
                core.Raise(ExceptionVector.InvalidOpcode);
                return false;
            }

            number += 2;
        }

        if (s->Cpl != 0)
        {
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        if ((s->Dr[7] & Dr7Bits.GeneralDetect) == 0)
            return true;
        core.RaiseDebug(Dr6Bits.AccessDetected);
        return false;
    }

    private static bool WriteCr0(CoreContext core, ulong value)
    {
        CpuState* s = core.State;
        if (value >> 32 != 0)
            return false;
        value = (value & Cr0Implemented) | ControlBits.Cr0ExtensionType;
        bool paging = (value & ControlBits.Cr0Paging) != 0, protection = (value & ControlBits.Cr0Protection) != 0;
        bool notWriteThrough = (value & ControlBits.Cr0NotWriteThrough) != 0, disabled = (value & ControlBits.Cr0CacheDisable) != 0;
        if ((paging && !protection) || (notWriteThrough && !disabled))
            return false;
        ulong changed = value ^ s->Cr0;
        if ((changed & ControlBits.Cr0Paging) != 0)
        {
            bool longEnabled = (s->Efer & ControlBits.EferLongEnable) != 0;
            bool codeIsLong = (CpuState.Segment(s, SegmentIndex.Cs).Attributes & SegmentRegister.Long) != 0;
            if (paging && longEnabled && ((s->Cr4 & ControlBits.Cr4Pae) == 0 || codeIsLong))
                return false;
            if (!paging && s->Mode == CpuMode.Long64)
                return false;
            bool legacyPae = paging && !longEnabled && (s->Cr4 & ControlBits.Cr4Pae) != 0;
            if (legacyPae && !LoadPointers(core, s->Cr3))
                return false;
            s->Efer = paging && longEnabled ? s->Efer | ControlBits.EferLongActive : s->Efer & ~ControlBits.EferLongActive;
        }

        s->Cr0 = value;
        if (!protection)
            s->Cpl = 0;
        core.RefreshMode();
        if ((changed & (ControlBits.Cr0Paging | ControlBits.Cr0Protection | ControlBits.Cr0WriteProtect)) != 0)
            core.Virtual.Flush();
        return true;
    }

    /// <summary>Loads CR3, and the page-directory pointers of legacy PAE paging. False: a reserved bit is set; nothing is recorded.</summary>
    internal static bool WriteCr3(CoreContext core, ulong value)
    {
        CpuState* s = core.State;
        bool isLong = (s->Efer & ControlBits.EferLongActive) != 0;
        if (isLong && value >> 52 != 0)
            return false;
        bool legacyPae = !isLong && (s->Cr0 & ControlBits.Cr0Paging) != 0 && (s->Cr4 & ControlBits.Cr4Pae) != 0;
        if (legacyPae && !LoadPointers(core, value))
            return false;
        s->Cr3 = value;
        core.Virtual.Flush();
        return true;
    }

    private static bool WriteCr4(CoreContext core, ulong value)
    {
        CpuState* s = core.State;
        if ((value & ~ControlBits.Cr4Implemented) != 0)
            return false;
        bool isLong = (s->Efer & ControlBits.EferLongActive) != 0;
        if (isLong && (value & ControlBits.Cr4Pae) == 0)
            return false;
        bool nowPae = (value & ControlBits.Cr4Pae) != 0 && (s->Cr4 & ControlBits.Cr4Pae) == 0;
        if (nowPae && !isLong && (s->Cr0 & ControlBits.Cr0Paging) != 0 && !LoadPointers(core, s->Cr3))
            return false;
        s->Cr4 = value;
        core.RefreshMode();
        core.Virtual.Flush();
        return true;
    }

    /// <summary>Loads the four page-directory pointers of legacy PAE paging. False: a reserved bit is set.</summary>
    private static bool LoadPointers(CoreContext core, ulong cr3)
    {
        const ulong reserved = 0xFFFF_0000_0000_01E6;
        ulong* table = (ulong*)core.Memory.PointerTo(cr3 & 0xFFFF_FFE0, out _);
        for (int n = 0; n < 4; n++)
        {
            ulong entry = table == null ? 0 : table[n];
            if ((entry & 1) != 0 && (entry & reserved) != 0)
                return false;
        }

        for (int n = 0; n < 4; n++)
            core.State->Pdpte[n] = table == null ? 0 : table[n];
        return true;
    }
}
