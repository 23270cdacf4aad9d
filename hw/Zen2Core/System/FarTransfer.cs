using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Far jumps, calls and returns (AMD APM vol. 3; vol. 2, 4.11). Call gates in legacy and long mode, task gates and TSS descriptors in legacy mode.</summary>
internal static unsafe class FarTransfer
{
    private const int CallGate16 = 4, TaskGate = 5, CallGate32 = 0xC;

    /// <summary>Far JMP. False: a fault is recorded and nothing changed.</summary>
    public static bool Jump(CoreContext core, ushort selector, ulong offset)
    {
        CpuState* s = core.State;
        if (s->Mode is CpuMode.Real or CpuMode.Virtual8086)
        {
            return SetReal(core, selector, offset);
        }

        if (IsTask(core, selector, TaskSwitchCause.Jump, out bool switched))
            return switched;
        if (!FindCode(core, ref selector, ref offset, isCall: false, out Descriptor code, out ulong address, out _, out _))
            return false;
        if (!Enterable(core, selector, code, (selector & 3)))
            return false;
        return Commit(core, selector, code, address, offset, s->Cpl);
    }

    /// <summary>Far CALL with return width <paramref name="bytes"/>. False: a fault is recorded.</summary>
    public static bool Call(CoreContext core, ushort selector, ulong offset, int bytes)
    {
        CpuState* s = core.State;
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        if (s->Mode is CpuMode.Real or CpuMode.Virtual8086)
        {
            StackFrame frame = new(core);
            if (!frame.Push(bytes, cs.Selector) || !frame.Push(bytes, s->Rip))
                return false;
            if (!SetReal(core, selector, offset))
                return false;
            frame.Commit();
            return true;
        }

        if (IsTask(core, selector, TaskSwitchCause.Call, out bool switched))
            return switched;
        if (!FindCode(core, ref selector, ref offset, isCall: true, out Descriptor code, out ulong address, out int gateBytes, out int parameters))
            return false;
        if (gateBytes != 0)
            return ThroughGate(core, selector, offset, code, address, gateBytes, parameters);
        if (!Enterable(core, selector, code, selector & 3))
            return false;
        StackFrame stack = new(core);
        if (!stack.Push(bytes, cs.Selector) || !stack.Push(bytes, s->Rip))
            return false;
        if (!Commit(core, selector, code, address, offset, s->Cpl))
            return false;
        stack.Commit();
        return true;
    }

    /// <summary>Far RET. False: a fault is recorded.</summary>
    public static bool Return(CoreContext core, int bytes, int release)
    {
        CpuState* s = core.State;
        StackFrame stack = new(core);
        if (!stack.Pop(bytes, out ulong offset) || !stack.Pop(bytes, out ulong selectorWide))
            return false;
        ushort selector = (ushort)selectorWide;
        if (s->Mode is CpuMode.Real or CpuMode.Virtual8086)
        {
            if (!SetReal(core, selector, offset))
                return false;
            stack.Skip(release);
            stack.Commit();
            return true;
        }

        if (!ReturnSegment.Check(core, selector, out Descriptor code, out ulong address))
            return false;
        int level = selector & 3;
        stack.Skip(release);
        if (level == s->Cpl)
        {
            if (!Commit(core, selector, code, address, offset, level))
                return false;
            stack.Commit();
            return true;
        }

        if (!stack.Pop(bytes, out ulong pointer) || !stack.Pop(bytes, out ulong stackSelector))
            return false;
        byte oldLevel = s->Cpl;
        SegmentRegister oldStack = CpuState.Segment(s, SegmentIndex.Ss);
        s->Cpl = (byte)level;
        if (!ReturnSegment.LoadStack(core, (ushort)stackSelector, level, code.IsLong && LongActive(s))
            || !Commit(core, selector, code, address, offset, level))
        {
            s->Cpl = oldLevel;
            CpuState.Segment(s, SegmentIndex.Ss) = oldStack;
            core.RefreshMode();
            return false;
        }

        ReturnSegment.LoadPointer(s, pointer + (ulong)release, code.IsLong && LongActive(s));
        ReturnSegment.DropInnerSegments(s);
        core.RefreshMode();
        return true;
    }

    /// <summary>Loads CS and goes there. False: #GP for an offset beyond the limit or not canonical.</summary>
    public static bool Commit(CoreContext core, ushort selector, in Descriptor code, ulong address, ulong offset, int level)
    {
        CpuState* s = core.State;
        bool is64 = code.IsLong && LongActive(s);
        if (is64 ? !VirtualMemory.IsCanonical(offset) : offset > code.Limit)
        {
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        if (!DescriptorTables.SetAccessed(core, code, address))
            return false;
        DescriptorTables.Load(
            ref CpuState.Segment(s, SegmentIndex.Cs), (ushort)((selector & 0xFFFC) | level), code, accessed: true);
        s->Cpl = (byte)level;
        s->Rip = is64 ? offset : (uint)offset;
        core.RefreshMode();
        return true;
    }

    private static bool LongActive(CpuState* s) => (s->Efer & ControlBits.EferLongActive) != 0;

    /// <summary>Real and virtual-8086 mode: CS keeps its limit and attributes. False: #GP for an offset beyond the limit.</summary>
    public static bool SetReal(CoreContext core, ushort selector, ulong offset)
    {
        ref SegmentRegister cs = ref CpuState.Segment(core.State, SegmentIndex.Cs);
        if ((uint)offset > cs.Limit)
            return Fail(core, 0);
        cs.Selector = selector;
        cs.Base = (ulong)selector << 4;
        core.State->Rip = (uint)offset;
        core.RefreshMode();
        return true;
    }

    /// <summary>Follows a selector that names a TSS or a task gate. False: it names neither, or long mode is active, which has no task switches.</summary>
    private static bool IsTask(CoreContext core, ushort selector, TaskSwitchCause cause, out bool switched)
    {
        switched = false;
        CpuState* s = core.State;
        uint error = (uint)(selector & 0xFFFC);
        if (LongActive(s) || error == 0)
            return false;
        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.GeneralProtection, out Descriptor d, out _))
            return true;
        if (d.CodeOrData || d.Type is not (1 or 3 or TaskGate or 9 or 11))
            return false;
        if (d.Dpl < s->Cpl || d.Dpl < (selector & 3))
        {
            core.Raise(ExceptionVector.GeneralProtection, error);
            return true;
        }

        if (d.Type == TaskGate)
        {
            if (!d.Present)
            {
                core.Raise(ExceptionVector.SegmentNotPresent, error);
                return true;
            }

            selector = d.GateSelector;
        }

        switched = TaskSwitch.To(core, selector, cause, s->RFlags);
        return true;
    }

    /// <summary>Reads the target descriptor, following a call gate.</summary>
    private static bool FindCode(
        CoreContext core,
        ref ushort selector,
        ref ulong offset,
        bool isCall,
        out Descriptor code,
        out ulong address,
        out int gateBytes,
        out int parameters)
    {
        CpuState* s = core.State;
        code = default;
        address = 0;
        gateBytes = parameters = 0;
        uint error = (uint)(selector & 0xFFFC);
        if (error == 0)
            return Fail(core, 0);
        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.GeneralProtection, out code, out address))
            return false;
        if (code.CodeOrData)
            return code.IsCode || Fail(core, error);
        bool wide = LongActive(s);
        if (code.Type != CallGate32 && (code.Type != CallGate16 || wide))
            return Fail(core, error);

        if (wide && !DescriptorTables.Read(core, selector, true, ExceptionVector.GeneralProtection, out code, out address))
            return false;
        if (code.Dpl < s->Cpl || code.Dpl < (selector & 3))
            return Fail(core, error);
        if (!code.Present)
        {
            core.Raise(ExceptionVector.SegmentNotPresent, error);
            return false;
        }

        gateBytes = wide ? 8 : code.Type == CallGate32 ? 4 : 2;
        parameters = wide ? 0 : (int)(code.Raw >> 32) & 0x1F;
        offset = gateBytes switch { 8 => code.GateOffset, 4 => (uint)code.GateOffset, _ => (ushort)code.GateOffset };
        selector = (ushort)(code.GateSelector & 0xFFFC);
        error = selector;
        if (error == 0)
            return Fail(core, 0);
        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.GeneralProtection, out code, out address))
            return false;
        if (!code.IsCode || code.Dpl > s->Cpl || (wide && !code.IsLong))
            return Fail(core, error);
        if (!code.Present)
        {
            core.Raise(ExceptionVector.SegmentNotPresent, error);
            return false;
        }

        if (isCall)
            return true;
        gateBytes = 0;
        selector |= s->Cpl;
        return true;
    }

    private static bool Enterable(CoreContext core, ushort selector, in Descriptor code, int rpl)
    {
        uint error = (uint)(selector & 0xFFFC);
        int cpl = core.State->Cpl;
        bool allowed = code.IsConforming ? code.Dpl <= cpl : rpl <= cpl && code.Dpl == cpl;
        if (LongActive(core.State) && code.IsLong && code.IsBig)
            allowed = false;
        if (!allowed)
            return Fail(core, error);
        if (code.Present)
            return true;
        core.Raise(ExceptionVector.SegmentNotPresent, error);
        return false;
    }

    private static bool ThroughGate(CoreContext core, ushort selector, ulong offset, in Descriptor code, ulong address, int bytes, int parameters)
    {
        CpuState* s = core.State;
        int level = code.IsConforming ? s->Cpl : code.Dpl;
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        ref SegmentRegister ss = ref CpuState.Segment(s, SegmentIndex.Ss);
        if (level == s->Cpl)
        {
            StackFrame same = new(core);
            if (!same.Push(bytes, cs.Selector) || !same.Push(bytes, s->Rip) || !Commit(core, selector, code, address, offset, level))
                return false;
            same.Commit();
            return true;
        }

        SegmentRegister inner = default;
        ulong pointer;
        if (bytes == 8)
        {
            ref SegmentRegister tr = ref CpuState.Segment(s, SegmentIndex.Tr);
            if (!core.Virtual.ReadSystem(tr.Base + 4 + (uint)level * 8, 8, out pointer))
                return false;
            inner.Selector = (ushort)level;
        }
        else if (!InnerStack.Load(core, level, out inner, out pointer))
        {
            return false;
        }

        StackFrame stack = bytes == 8
            ? new StackFrame(core, pointer) { AsSupervisor = true }
            : new StackFrame(core, pointer, inner) { AsSupervisor = true };
        if (!stack.Push(bytes, ss.Selector) || !stack.Push(bytes, s->Gpr[4]) || !CopyParameters(core, ref stack, bytes, parameters)
            || !stack.Push(bytes, cs.Selector) || !stack.Push(bytes, s->Rip))
        {
            return false;
        }

        SegmentRegister outer = ss;
        ss = inner;
        if (!Commit(core, selector, code, address, offset, level))
        {
            ss = outer;
            core.RefreshMode();
            return false;
        }

        stack.Commit();
        return true;
    }

    /// <summary>Copies what the caller pushed for a legacy call gate, so that it lies in the same order on the inner stack.</summary>
    private static bool CopyParameters(CoreContext core, ref StackFrame inner, int bytes, int count)
    {
        StackFrame outer = new(core);
        Span<ulong> values = stackalloc ulong[32];
        for (int n = 0; n < count; n++)
        {
            if (!outer.Pop(bytes, out values[n]))
                return false;
        }

        for (int n = count - 1; n >= 0; n--)
        {
            if (!inner.Push(bytes, values[n]))
                return false;
        }

        return true;
    }

    private static bool Fail(CoreContext core, uint error)
    {
        core.Raise(ExceptionVector.GeneralProtection, error);
        return false;
    }
}
