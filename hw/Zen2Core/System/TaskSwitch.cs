using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>What brings a task switch about.</summary>
internal enum TaskSwitchCause
{
    /// <summary>Far JMP: the old task is no longer busy.</summary>
    Jump,

    /// <summary>Far CALL: the new task is nested in the old one.</summary>
    Call,

    /// <summary>An interrupt or exception through a task gate: likewise nested.</summary>
    Interrupt,

    /// <summary>IRET with RFLAGS.NT: back to the task that the link names.</summary>
    Return,
}

/// <summary>Task switches of legacy protected mode (AMD APM vol. 2, 12.3); long mode has none.</summary>
internal static unsafe class TaskSwitch
{
    private const int BusyBit = 2, FirstRegister = 2, RegisterFields = 10;

    /// <summary>
    /// Switches. False: a fault is recorded and the old task goes on. A fault after the new task's registers are loaded is
    /// delivered in the new task, and the switch counts as done.
    /// </summary>
    /// <param name="core">The core, in legacy protected or virtual-8086 mode; RIP is where the old task resumes.</param>
    /// <param name="selector">The new task's TSS.</param>
    /// <param name="cause">What for.</param>
    /// <param name="flags">RFLAGS to save for the old task.</param>
    public static bool To(CoreContext core, ushort selector, TaskSwitchCause cause, ulong flags)
    {
        CpuState* s = core.State;
        if (!Find(core, selector, cause, out Descriptor descriptor, out ulong address))
            return false;
        TaskStateLayout layout = TaskStateLayout.Of(descriptor.Type);
        ref SegmentRegister tr = ref CpuState.Segment(s, SegmentIndex.Tr);
        TaskStateLayout oldLayout = TaskStateLayout.Of(tr.Type);
        ulong oldDescriptor = s->Gdtr.Base + (uint)(tr.Selector & 0xFFF8);
        Span<ulong> fields = stackalloc ulong[RegisterFields];
        Span<ushort> selectors = stackalloc ushort[7];
        if (!Read(core, descriptor.Base, layout, fields, selectors, out uint tables, out uint trap)
            || !core.Virtual.CheckSystemWrite(tr.Base, (int)oldLayout.Bytes)
            || !core.Virtual.CheckSystemWrite(descriptor.Base, 2)
            || !core.Virtual.CheckSystemWrite(address, 8)
            || !core.Virtual.CheckSystemWrite(oldDescriptor, 8))
        {
            return false;
        }

        if (cause == TaskSwitchCause.Return)
            flags &= ~(ulong)SystemFlagBits.NT;
        Save(core, tr.Base, oldLayout, flags);
        if (cause is TaskSwitchCause.Jump or TaskSwitchCause.Return)
            SetBusy(core, oldDescriptor, busy: false);
        if (cause is TaskSwitchCause.Call or TaskSwitchCause.Interrupt)
            core.Virtual.WriteSystem(descriptor.Base, 2, tr.Selector);
        if (cause != TaskSwitchCause.Return)
            SetBusy(core, address, busy: true);

        DescriptorTables.Load(ref tr, selector, descriptor, accessed: false);
        tr.Attributes |= BusyBit;
        s->Cr0 |= ControlBits.Cr0TaskSwitched;
        LoadRegisters(core, layout, fields, cause);
        bool fine = (layout.Width == 2 || LoadTables(core, tables)) && LoadSegments(core, layout, selectors);
        core.RefreshMode();
        if ((s->Dr[7] & Dr7Bits.LocalEnables) != 0)
        {
            s->Dr[7] &= ~Dr7Bits.LocalEnables;
            core.DebugChanged();
        }

        if (fine && CodeLimitHolds(core))
        {
            if (layout.Width == 4 && (trap & 1) != 0)
                s->PendingDebug |= Dr6Bits.TaskSwitch;
            return true;
        }

        core.DeliverFault();
        return true;
    }

    private static bool Find(CoreContext core, ushort selector, TaskSwitchCause cause, out Descriptor descriptor, out ulong address)
    {
        descriptor = default;
        address = 0;
        uint error = (uint)(selector & 0xFFFC);
        uint fault = cause == TaskSwitchCause.Return ? ExceptionVector.InvalidTss : ExceptionVector.GeneralProtection;
        if (error == 0 || (selector & 4) != 0)
            return Fail(core, fault, error);
        if (!DescriptorTables.Read(core, selector, false, fault, out descriptor, out address))
            return false;
        bool busy = (descriptor.Type & BusyBit) != 0;
        if (descriptor.CodeOrData || descriptor.Type is not (1 or 3 or 9 or 11) || busy != (cause == TaskSwitchCause.Return))
            return Fail(core, fault, error);
        if (!descriptor.Present)
            return Fail(core, ExceptionVector.SegmentNotPresent, error);
        return descriptor.Limit + 1 >= TaskStateLayout.Of(descriptor.Type).Bytes || Fail(core, ExceptionVector.InvalidTss, error);
    }

    private static bool Read(
        CoreContext core, ulong at, TaskStateLayout layout, Span<ulong> fields, Span<ushort> selectors, out uint tables, out uint trap)
    {
        tables = trap = 0;
        uint width = (uint)layout.Width;
        for (uint n = 0; n < RegisterFields; n++)
        {
            if (!core.Virtual.ReadSystem(at + layout.Pointer + n * width, layout.Width, out fields[(int)n]))
                return false;
        }

        for (uint n = 0; n < layout.SelectorCount; n++)
        {
            if (!core.Virtual.ReadSystem(at + layout.Selectors + n * width, 2, out ulong selector))
                return false;
            selectors[(int)n] = (ushort)selector;
        }

        if (!core.Virtual.ReadSystem(at + layout.LocalTable, 2, out ulong local))
            return false;
        selectors[6] = (ushort)local;
        if (layout.Width == 2)
            return true;
        if (!core.Virtual.ReadSystem(at + TaskStateLayout.PageTables, 4, out ulong cr3)
            || !core.Virtual.ReadSystem(at + TaskStateLayout.Trap, 2, out ulong word))
        {
            return false;
        }

        (tables, trap) = ((uint)cr3, (uint)word);
        return true;
    }

    private static void Save(CoreContext core, ulong at, TaskStateLayout layout, ulong flags)
    {
        CpuState* s = core.State;
        uint width = (uint)layout.Width;
        ulong field = at + layout.Pointer;
        core.Virtual.WriteSystem(field, layout.Width, s->Rip);
        core.Virtual.WriteSystem(field + width, layout.Width, flags);
        for (uint n = 0; n < 8; n++)
            core.Virtual.WriteSystem(field + (FirstRegister + n) * width, layout.Width, s->Gpr[n]);
        for (int n = 0; n < layout.SelectorCount; n++)
        {
            ushort selector = CpuState.Segment(s, TaskStateLayout.Segment(n)).Selector;
            core.Virtual.WriteSystem(at + layout.Selectors + (uint)n * width, 2, selector);
        }
    }

    private static void SetBusy(CoreContext core, ulong descriptor, bool busy)
    {
        if (core.Virtual.ReadSystem(descriptor + 5, 1, out ulong access))
            core.Virtual.WriteSystem(descriptor + 5, 1, busy ? access | BusyBit : access & ~(ulong)BusyBit);
    }

    private static void LoadRegisters(CoreContext core, TaskStateLayout layout, ReadOnlySpan<ulong> fields, TaskSwitchCause cause)
    {
        CpuState* s = core.State;
        s->Rip = fields[0];
        ulong flags = fields[1];
        if (cause is TaskSwitchCause.Call or TaskSwitchCause.Interrupt)
            flags |= SystemFlagBits.NT;
        s->SetRFlags(layout.Width == 2 ? (ushort)flags : flags);
        s->ResumeAt = cause == TaskSwitchCause.Interrupt ? s->Executed : s->Executed + 1;
        for (int n = 0; n < 8; n++)
            s->Gpr[n] = fields[FirstRegister + n];
    }

    private static bool LoadTables(CoreContext core, uint cr3)
    {
        CpuState* s = core.State;
        if ((s->Cr0 & ControlBits.Cr0Paging) == 0 || ControlRegisterMicrocode.WriteCr3(core, cr3))
            return true;
        return Fail(core, ExceptionVector.GeneralProtection, 0);
    }

    /// <summary>The selectors count at once, their descriptors only when each has been checked.</summary>
    private static bool LoadSegments(CoreContext core, TaskStateLayout layout, ReadOnlySpan<ushort> selectors)
    {
        CpuState* s = core.State;
        for (int n = 0; n < layout.SelectorCount; n++)
        {
            ref SegmentRegister register = ref CpuState.Segment(s, TaskStateLayout.Segment(n));
            register = default;
            register.Selector = selectors[n];
        }

        bool virtual8086 = (s->SystemFlags & SystemFlagBits.VM) != 0;
        s->Cpl = virtual8086 ? (byte)3 : (byte)(selectors[(int)SegmentIndex.Cs] & 3);
        core.RefreshMode();
        if (!SegmentLoad.LocalTable(core, selectors[6], ExceptionVector.InvalidTss))
            return false;
        if (virtual8086)
        {
            Virtual8086.LoadSegments(s, selectors[..6]);
            return true;
        }

        if (!LoadCode(core, selectors[(int)SegmentIndex.Cs])
            || !SegmentLoad.Checked(core, SegmentIndex.Ss, selectors[(int)SegmentIndex.Ss], ExceptionVector.InvalidTss))
        {
            return false;
        }

        for (int n = 0; n < layout.SelectorCount; n++)
        {
            SegmentIndex index = TaskStateLayout.Segment(n);
            if (index is SegmentIndex.Cs or SegmentIndex.Ss)
                continue;
            if (!SegmentLoad.Checked(core, index, selectors[n], ExceptionVector.InvalidTss))
                return false;
        }

        return true;
    }

    private static bool LoadCode(CoreContext core, ushort selector)
    {
        uint error = (uint)(selector & 0xFFFC);
        int level = selector & 3;
        if (error == 0)
            return Fail(core, ExceptionVector.InvalidTss, 0);
        if (!DescriptorTables.Read(core, selector, false, ExceptionVector.InvalidTss, out Descriptor code, out ulong address))
            return false;
        if (!code.IsCode || (code.IsConforming ? code.Dpl > level : code.Dpl != level))
            return Fail(core, ExceptionVector.InvalidTss, error);
        if (!code.Present)
            return Fail(core, ExceptionVector.SegmentNotPresent, error);
        if (!DescriptorTables.SetAccessed(core, code, address))
            return false;
        DescriptorTables.Load(ref CpuState.Segment(core.State, SegmentIndex.Cs), selector, code, accessed: true);
        return true;
    }

    private static bool CodeLimitHolds(CoreContext core)
    {
        CpuState* s = core.State;
        return s->Rip <= CpuState.Segment(s, SegmentIndex.Cs).Limit || Fail(core, ExceptionVector.GeneralProtection, 0);
    }

    private static bool Fail(CoreContext core, uint vector, uint error)
    {
        core.Raise(vector, error);
        return false;
    }
}
