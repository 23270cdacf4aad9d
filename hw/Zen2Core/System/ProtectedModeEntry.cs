using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Interrupt and exception entry in legacy protected mode through interrupt and trap gates (AMD APM vol. 2, 8.7).</summary>
internal static unsafe class ProtectedModeEntry
{
    private const int InterruptGate16 = 6, TrapGate16 = 7, InterruptGate32 = 0xE, TrapGate32 = 0xF;

    /// <summary>Goes through the gate of <paramref name="vector"/>. False: a fault is recorded and nothing changed.</summary>
    public static bool Enter(CoreContext core, byte vector, uint errorCode, ExceptionDelivery.Origin origin)
    {
        CpuState* s = core.State;
        uint gateError = (uint)vector * 8 + 2;
        if ((uint)vector * 8 + 7 > s->Idtr.Limit)
            return Fail(core, ExceptionVector.GeneralProtection, gateError);
        if (!core.Virtual.ReadSystem(s->Idtr.Base + (uint)vector * 8, 8, out ulong raw))
            return false;
        Descriptor gate = new(raw, 0);
        if (gate.CodeOrData || gate.Type is not (InterruptGate16 or TrapGate16 or InterruptGate32 or TrapGate32)
            || (origin == ExceptionDelivery.Origin.Software && gate.Dpl < s->Cpl))
        {
            if (gate.Type == 5)
                core.Probe.OnUnmodelled(core, "task gate");
            return Fail(core, ExceptionVector.GeneralProtection, gateError);
        }

        if (!gate.Present)
            return Fail(core, ExceptionVector.SegmentNotPresent, gateError);
        ushort selector = gate.GateSelector;
        if ((selector & 0xFFFC) == 0)
            return Fail(core, ExceptionVector.GeneralProtection, 0);
        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.GeneralProtection, out Descriptor code, out ulong codeAddress))
            return false;
        if (!code.IsCode || code.Dpl > s->Cpl)
            return Fail(core, ExceptionVector.GeneralProtection, (uint)(selector & 0xFFFC));
        if (!code.Present)
            return Fail(core, ExceptionVector.SegmentNotPresent, (uint)(selector & 0xFFFC));

        int width = gate.Type >= InterruptGate32 ? 4 : 2;
        int newLevel = code.IsConforming ? s->Cpl : code.Dpl;
        ref SegmentRegister ss = ref CpuState.Segment(s, SegmentIndex.Ss);
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        ulong flags = s->RFlags;
        if (origin == ExceptionDelivery.Origin.Exception && vector != ExceptionVector.Debug)
            flags |= SystemFlagBits.RF;
        StackFrame stack;
        SegmentRegister newStack = ss;
        if (newLevel < s->Cpl)
        {
            if (!InnerStack.Load(core, newLevel, out newStack, out ulong pointer))
                return false;
            ulong mask = (newStack.Attributes & SegmentRegister.Big) != 0 ? uint.MaxValue : 0xFFFFu;
            stack = new StackFrame(core, pointer, newStack.Base, mask) { AsSupervisor = true };
            if (!stack.Push(width, ss.Selector) || !stack.Push(width, s->Gpr[4]))
                return false;
        }
        else
        {
            stack = new StackFrame(core);
        }

        bool pushed = stack.Push(width, flags) && stack.Push(width, cs.Selector) && stack.Push(width, s->Rip)
            && (origin != ExceptionDelivery.Origin.Exception || !ExceptionVector.HasErrorCode(vector) || stack.Push(width, errorCode));
        if (!pushed || !DescriptorTables.SetAccessed(core, code, codeAddress))
            return false;
        stack.Commit();
        ss = newStack;
        DescriptorTables.Load(ref cs, (ushort)((selector & 0xFFFC) | newLevel), code, accessed: true);
        s->Cpl = (byte)newLevel;
        s->Rip = width == 4 ? (uint)gate.GateOffset : (ushort)gate.GateOffset;
        s->SystemFlags &= ~(SystemFlagBits.TF | SystemFlagBits.NT | SystemFlagBits.RF | SystemFlagBits.VM);
        if ((gate.Type & 1) == 0)
            s->SystemFlags &= ~SystemFlagBits.IF;
        core.RefreshMode();
        return true;
    }

    private static bool Fail(CoreContext core, uint vector, uint errorCode)
    {
        core.Raise(vector, errorCode);
        return false;
    }
}

/// <summary>The stack of an inner privilege level, from a legacy TSS.</summary>
internal static unsafe class InnerStack
{
    /// <summary>Reads SS:ESP of <paramref name="level"/> from the 32- or 16-bit TSS and checks SS. False: a fault is recorded.</summary>
    public static bool Load(CoreContext core, int level, out SegmentRegister stack, out ulong pointer)
    {
        stack = default;
        CpuState* s = core.State;
        ref SegmentRegister tr = ref CpuState.Segment(s, SegmentIndex.Tr);
        bool wide = (tr.Type & 8) != 0;
        uint offset = wide ? 4 + (uint)level * 8 : 2 + (uint)level * 4;
        int width = wide ? 4 : 2;
        pointer = 0;
        if (offset + (wide ? 7u : 3u) > tr.Limit)
        {
            core.Raise(ExceptionVector.InvalidTss, (uint)(tr.Selector & 0xFFFC));
            return false;
        }

        if (!core.Virtual.ReadSystem(tr.Base + offset, width, out pointer)
            || !core.Virtual.ReadSystem(tr.Base + offset + (uint)width, 2, out ulong selector))
        {
            return false;
        }

        uint error = (uint)(selector & 0xFFFC);
        if (error == 0 || ((int)selector & 3) != level)
        {
            core.Raise(ExceptionVector.InvalidTss, error);
            return false;
        }

        if (!DescriptorTables.Read(core, (ushort)selector, false, ExceptionVector.InvalidTss, out Descriptor d, out ulong address))
            return false;
        if (!d.CodeOrData || d.IsCode || (d.Type & 2) == 0 || d.Dpl != level)
        {
            core.Raise(ExceptionVector.InvalidTss, error);
            return false;
        }

        if (!d.Present)
        {
            core.Raise(ExceptionVector.Stack, error);
            return false;
        }

        if (!DescriptorTables.SetAccessed(core, d, address))
            return false;
        DescriptorTables.Load(ref stack, (ushort)selector, d, accessed: true);
        return true;
    }
}
