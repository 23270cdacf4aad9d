using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Interrupt and exception entry in legacy protected mode through interrupt, trap and task gates, from virtual-8086 mode too (AMD APM vol. 2, 8.7 and 8.8).</summary>
internal static unsafe class ProtectedModeEntry
{
    private const int TaskGate = 5, InterruptGate16 = 6, TrapGate16 = 7, InterruptGate32 = 0xE, TrapGate32 = 0xF;

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
        if (gate.CodeOrData || gate.Type is not (TaskGate or InterruptGate16 or TrapGate16 or InterruptGate32 or TrapGate32)
            || (origin == ExceptionDelivery.Origin.Software && gate.Dpl < s->Cpl))
        {
            return Fail(core, ExceptionVector.GeneralProtection, gateError);
        }

        if (!gate.Present)
            return Fail(core, ExceptionVector.SegmentNotPresent, gateError);
        bool isFault = origin == ExceptionDelivery.Origin.Exception && vector != ExceptionVector.Debug;
        ulong flags = isFault ? s->RFlags | SystemFlagBits.RF : s->RFlags;
        bool hasCode = origin == ExceptionDelivery.Origin.Exception && ExceptionVector.HasErrorCode(vector);
        if (gate.Type == TaskGate)
            return ToTask(core, gate.GateSelector, flags, hasCode, errorCode);
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
        bool virtual8086 = s->Mode == CpuMode.Virtual8086;
        if (virtual8086 && newLevel != 0)
            return Fail(core, ExceptionVector.GeneralProtection, (uint)(selector & 0xFFFC));
        ref SegmentRegister ss = ref CpuState.Segment(s, SegmentIndex.Ss);
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        StackFrame stack;
        SegmentRegister newStack = ss;
        if (newLevel < s->Cpl)
        {
            if (!InnerStack.Load(core, newLevel, out newStack, out ulong pointer))
                return false;
            stack = new StackFrame(core, pointer, newStack) { AsSupervisor = true };
            if (virtual8086 && !PushData(s, ref stack, width))
                return false;
            if (!stack.Push(width, ss.Selector) || !stack.Push(width, s->Gpr[4]))
                return false;
        }
        else
        {
            stack = new StackFrame(core);
        }

        bool pushed = stack.Push(width, flags) && stack.Push(width, cs.Selector) && stack.Push(width, s->Rip)
            && (!hasCode || stack.Push(width, errorCode));
        if (!pushed)
            return false;
        ulong target = width == 4 ? (uint)gate.GateOffset : (ushort)gate.GateOffset;
        if (target > code.Limit)
            return Fail(core, ExceptionVector.GeneralProtection, 0);
        if (!DescriptorTables.SetAccessed(core, code, codeAddress))
            return false;
        stack.Commit();
        ss = newStack;
        DescriptorTables.Load(ref cs, (ushort)((selector & 0xFFFC) | newLevel), code, accessed: true);
        s->Cpl = (byte)newLevel;
        s->Rip = target;
        if (virtual8086)
            ClearData(s);
        s->SystemFlags &= ~(SystemFlagBits.TF | SystemFlagBits.NT | SystemFlagBits.RF | SystemFlagBits.VM);
        if ((gate.Type & 1) == 0)
            s->SystemFlags &= ~SystemFlagBits.IF;
        core.RefreshMode();
        return true;
    }

    /// <summary>The handler is a task of its own; an error code goes on its stack.</summary>
    private static bool ToTask(CoreContext core, ushort selector, ulong flags, bool hasCode, uint errorCode)
    {
        if (!TaskSwitch.To(core, selector, TaskSwitchCause.Interrupt, flags))
            return false;
        if (!hasCode)
            return true;
        StackFrame stack = new(core);
        int width = TaskStateLayout.Of(CpuState.Segment(core.State, SegmentIndex.Tr).Type).Width;
        if (stack.Push(width, errorCode))
            stack.Commit();
        else
            core.DeliverFault();
        return true;
    }

    /// <summary>Data segments of a virtual-8086 program mean nothing to the handler: it gets them on its stack.</summary>
    private static bool PushData(CpuState* s, ref StackFrame stack, int width) =>
        stack.Push(width, CpuState.Segment(s, SegmentIndex.Gs).Selector) && stack.Push(width, CpuState.Segment(s, SegmentIndex.Fs).Selector)
        && stack.Push(width, CpuState.Segment(s, SegmentIndex.Ds).Selector) && stack.Push(width, CpuState.Segment(s, SegmentIndex.Es).Selector);

    private static void ClearData(CpuState* s)
    {
        ReadOnlySpan<SegmentIndex> data = [SegmentIndex.Es, SegmentIndex.Ds, SegmentIndex.Fs, SegmentIndex.Gs];
        foreach (SegmentIndex index in data)
            CpuState.Segment(s, index) = default;
    }

    private static bool Fail(CoreContext core, uint vector, uint errorCode)
    {
        core.Raise(vector, errorCode);
        return false;
    }
}
