using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Interrupt and exception entry in long mode (AMD APM vol. 2, 8.9).</summary>
internal static unsafe class LongModeEntry
{
    private const int InterruptGate = 0xE, TrapGate = 0xF;
    private const int StackTableOffset = 0x24, PrivilegeStackOffset = 4;

    /// <summary>Goes through the gate of <paramref name="vector"/>. False: a fault is recorded and nothing changed.</summary>
    public static bool Enter(CoreContext core, byte vector, uint errorCode, ExceptionDelivery.Origin origin)
    {
        CpuState* s = core.State;
        uint gateError = (uint)vector * 8 + 2;
        if ((uint)vector * 16 + 15 > s->Idtr.Limit)
            return Fail(core, ExceptionVector.GeneralProtection, gateError);
        if (!core.Virtual.ReadSystem(s->Idtr.Base + (uint)vector * 16, 8, out ulong low)
            || !core.Virtual.ReadSystem(s->Idtr.Base + (uint)vector * 16 + 8, 8, out ulong high))
        {
            return false;
        }

        Descriptor gate = new(low, high);
        if (gate.CodeOrData || gate.Type is not (InterruptGate or TrapGate)
            || (origin == ExceptionDelivery.Origin.Software && gate.Dpl < s->Cpl))
        {
            return Fail(core, ExceptionVector.GeneralProtection, gateError);
        }

        if (!gate.Present)
            return Fail(core, ExceptionVector.SegmentNotPresent, gateError);
        ushort selector = gate.GateSelector;
        if ((selector & 0xFFFC) == 0)
            return Fail(core, ExceptionVector.GeneralProtection, 0);
        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.GeneralProtection, out Descriptor code, out ulong codeAddress))
            return false;
        if (!code.IsCode || code.Dpl > s->Cpl || !code.IsLong || code.IsBig)
            return Fail(core, ExceptionVector.GeneralProtection, (uint)(selector & 0xFFFC));
        if (!code.Present)
            return Fail(core, ExceptionVector.SegmentNotPresent, (uint)(selector & 0xFFFC));

        int newLevel = code.IsConforming ? s->Cpl : code.Dpl;
        if (!SelectStack(core, gate, newLevel, out ulong pointer))
            return false;
        if (!VirtualMemory.IsCanonical(gate.GateOffset))
            return Fail(core, ExceptionVector.GeneralProtection, 0);

        ref SegmentRegister ss = ref CpuState.Segment(s, SegmentIndex.Ss);
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        StackFrame stack = new(core, pointer & ~15UL) { AsSupervisor = newLevel < 3 };
        ulong flags = s->RFlags;
        // Faults push RF set, so that an instruction breakpoint does not hit again on return (AMD APM vol. 2, 8.6.5).
        if (origin == ExceptionDelivery.Origin.Exception && vector != ExceptionVector.Debug)
            flags |= SystemFlagBits.RF;
        bool pushed = stack.Push(8, ss.Selector) && stack.Push(8, s->Gpr[4]) && stack.Push(8, flags)
            && stack.Push(8, cs.Selector) && stack.Push(8, s->Rip)
            && (origin != ExceptionDelivery.Origin.Exception || !ExceptionVector.HasErrorCode(vector) || stack.Push(8, errorCode));
        if (!pushed || !DescriptorTables.SetAccessed(core, code, codeAddress))
            return false;

        stack.Commit();
        if (newLevel != s->Cpl)
        {
            ss = default;
            ss.Selector = (ushort)newLevel;
        }

        DescriptorTables.Load(ref cs, (ushort)((selector & 0xFFFC) | newLevel), code, accessed: true);
        s->Cpl = (byte)newLevel;
        s->Rip = gate.GateOffset;
        s->SystemFlags &= ~(SystemFlagBits.TF | SystemFlagBits.NT | SystemFlagBits.RF | SystemFlagBits.VM);
        if (gate.Type == InterruptGate)
            s->SystemFlags &= ~SystemFlagBits.IF;
        core.RefreshMode();
        return true;
    }

    private static bool SelectStack(CoreContext core, Descriptor gate, int newLevel, out ulong pointer)
    {
        CpuState* s = core.State;
        pointer = s->Gpr[4];
        int offset;
        if (gate.GateStack != 0)
            offset = StackTableOffset + (gate.GateStack - 1) * 8;
        else if (newLevel < s->Cpl)
            offset = PrivilegeStackOffset + newLevel * 8;
        else
            return true;
        ref SegmentRegister tr = ref CpuState.Segment(s, SegmentIndex.Tr);
        if ((uint)offset + 7 > tr.Limit)
            return Fail(core, ExceptionVector.InvalidTss, (uint)(tr.Selector & 0xFFFC));
        if (!core.Virtual.ReadSystem(tr.Base + (uint)offset, 8, out pointer))
            return false;
        return VirtualMemory.IsCanonical(pointer) || Fail(core, ExceptionVector.Stack, 0);
    }

    private static bool Fail(CoreContext core, uint vector, uint errorCode)
    {
        core.Raise(vector, errorCode);
        return false;
    }
}
