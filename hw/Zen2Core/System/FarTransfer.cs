using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Far jumps, calls and returns (AMD APM vol. 3; vol. 2, 4.11). Call gates in legacy and long mode; task gates are not modelled.</summary>
internal static unsafe class FarTransfer
{
    private const int CallGate16 = 4, CallGate32 = 0xC;

    /// <summary>Far JMP. False: a fault is recorded and nothing changed.</summary>
    public static bool Jump(CoreContext core, ushort selector, ulong offset)
    {
        CpuState* s = core.State;
        if (s->Mode is CpuMode.Real or CpuMode.Virtual8086)
        {
            SetReal(core, selector, offset);
            return true;
        }

        if (!FindCode(core, ref selector, ref offset, isCall: false, out Descriptor code, out ulong address, out _))
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
            frame.Commit();
            SetReal(core, selector, offset);
            return true;
        }

        if (!FindCode(core, ref selector, ref offset, isCall: true, out Descriptor code, out ulong address, out int gateBytes))
            return false;
        if (gateBytes != 0)
            return ThroughGate(core, selector, offset, code, address, gateBytes);
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
            stack.Skip(release);
            stack.Commit();
            SetReal(core, selector, offset);
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
        s->Cpl = (byte)level;
        if (!ReturnSegment.LoadStack(core, (ushort)stackSelector, level, code.IsLong && LongActive(s))
            || !Commit(core, selector, code, address, offset, level))
        {
            s->Cpl = oldLevel;
            core.RefreshMode();
            return false;
        }

        s->Gpr[4] = pointer + (ulong)release;
        ReturnSegment.DropInnerSegments(s);
        core.RefreshMode();
        return true;
    }

    /// <summary>Loads CS and goes there. False: #GP for an offset beyond the limit or not canonical.</summary>
    public static bool Commit(CoreContext core, ushort selector, in Descriptor code, ulong address, ulong offset, int level)
    {
        CpuState* s = core.State;
        bool is64 = code.IsLong && LongActive(s);
        if (is64 ? !VirtualMemory.IsCanonical(offset) : (uint)offset > code.Limit)
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

    private static void SetReal(CoreContext core, ushort selector, ulong offset)
    {
        ref SegmentRegister cs = ref CpuState.Segment(core.State, SegmentIndex.Cs);
        cs.Selector = selector;
        cs.Base = (ulong)selector << 4;
        core.State->Rip = (uint)offset;
        core.RefreshMode();
    }

    /// <summary>Reads the target descriptor, following a call gate.</summary>
    private static bool FindCode(
        CoreContext core, ref ushort selector, ref ulong offset, bool isCall, out Descriptor code, out ulong address, out int gateBytes)
    {
        CpuState* s = core.State;
        code = default;
        address = 0;
        gateBytes = 0;
        uint error = (uint)(selector & 0xFFFC);
        if (error == 0)
            return Fail(core, 0);
        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.GeneralProtection, out code, out address))
            return false;
        if (code.CodeOrData)
            return code.IsCode || Fail(core, error);
        bool wide = LongActive(s);
        if (code.Type != CallGate32 && (code.Type != CallGate16 || wide))
        {
            core.Probe.OnUnmodelled(core, $"far transfer through system descriptor type {code.Type}");
            return Fail(core, error);
        }

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

    private static bool ThroughGate(CoreContext core, ushort selector, ulong offset, in Descriptor code, ulong address, int bytes)
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

        ulong mask = bytes == 8 ? ulong.MaxValue : (inner.Attributes & SegmentRegister.Big) != 0 ? uint.MaxValue : 0xFFFFu;
        StackFrame stack = new(core, pointer, inner.Base, mask) { AsSupervisor = true };
        if (!stack.Push(bytes, ss.Selector) || !stack.Push(bytes, s->Gpr[4]) || !stack.Push(bytes, cs.Selector) || !stack.Push(bytes, s->Rip))
            return false;
        ss = inner;
        if (!Commit(core, selector, code, address, offset, level))
            return false;
        stack.Commit();
        return true;
    }

    private static bool Fail(CoreContext core, uint error)
    {
        core.Raise(ExceptionVector.GeneralProtection, error);
        return false;
    }
}

/// <summary>Segment checks that far returns and IRET share.</summary>
internal static unsafe class ReturnSegment
{
    /// <summary>Checks the code segment to return to. False: a fault is recorded.</summary>
    public static bool Check(CoreContext core, ushort selector, out Descriptor code, out ulong address)
    {
        code = default;
        address = 0;
        uint error = (uint)(selector & 0xFFFC);
        int rpl = selector & 3, cpl = core.State->Cpl;
        if (error == 0)
        {
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.GeneralProtection, out code, out address))
            return false;
        bool allowed = code.IsCode && rpl >= cpl && (code.IsConforming ? code.Dpl <= rpl : code.Dpl == rpl);
        if (!allowed)
        {
            core.Raise(ExceptionVector.GeneralProtection, error);
            return false;
        }

        if (code.Present)
            return true;
        core.Raise(ExceptionVector.SegmentNotPresent, error);
        return false;
    }

    /// <summary>Loads SS for the outer level; the privilege level is already the new one. A null SS is allowed when returning to 64-bit code below level 3.</summary>
    public static bool LoadStack(CoreContext core, ushort selector, int level, bool to64)
    {
        if ((selector & 0xFFFC) == 0 && to64 && level < 3)
        {
            ref SegmentRegister ss = ref CpuState.Segment(core.State, SegmentIndex.Ss);
            ss = default;
            ss.Selector = selector;
            return true;
        }

        return SegmentLoad.Data(core, SegmentIndex.Ss, selector);
    }

    /// <summary>Segments that the outer level may not use become null (AMD APM vol. 2, 4.11).</summary>
    public static void DropInnerSegments(CpuState* s)
    {
        ReadOnlySpan<SegmentIndex> data = [SegmentIndex.Es, SegmentIndex.Ds, SegmentIndex.Fs, SegmentIndex.Gs];
        foreach (SegmentIndex index in data)
        {
            ref SegmentRegister register = ref CpuState.Segment(s, index);
            bool conforming = (register.Type & 0xC) == 0xC;
            if ((register.Attributes & SegmentRegister.Present) != 0 && !conforming && register.Dpl < s->Cpl)
                register = default;
        }
    }
}
