using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Loads of segment registers with their checks (AMD APM vol. 2, 4.5 and 4.8; vol. 3, MOV).</summary>
internal static unsafe class SegmentLoad
{
    /// <summary>Loads ES, SS, DS, FS or GS. False: a fault is recorded and nothing changed.</summary>
    public static bool Data(CoreContext core, SegmentIndex index, ushort selector) =>
        Checked(core, index, selector, ExceptionVector.GeneralProtection);

    /// <summary>Likewise; a selector that may not be loaded raises <paramref name="fault"/>: #GP, or #TS in a task switch.</summary>
    public static bool Checked(CoreContext core, SegmentIndex index, ushort selector, uint fault)
    {
        CpuState* s = core.State;
        ref SegmentRegister register = ref CpuState.Segment(s, index);
        if (s->Mode is CpuMode.Real or CpuMode.Virtual8086)
        {
            // Limit and attributes stay: what protected mode left there makes "unreal" mode.
            register.Selector = selector;
            register.Base = (ulong)selector << 4;
            return true;
        }

        uint error = (uint)(selector & 0xFFFC);
        if (error == 0)
            return Null(core, index, selector, fault, ref register);
        if (!DescriptorTables.Read(core, selector, false, fault, out Descriptor d, out ulong address))
            return false;
        int rpl = selector & 3;
        bool stack = index == SegmentIndex.Ss;
        bool allowed = stack
            ? d.CodeOrData && !d.IsCode && (d.Type & 2) != 0 && rpl == s->Cpl && d.Dpl == s->Cpl
            : d.CodeOrData && (!d.IsCode || (d.Type & 2) != 0) && (d.IsConforming && d.IsCode || d.Dpl >= Math.Max(rpl, s->Cpl));
        if (!allowed)
            return Fail(core, fault, error);
        if (!d.Present)
            return Fail(core, stack ? ExceptionVector.Stack : ExceptionVector.SegmentNotPresent, error);
        if (!DescriptorTables.SetAccessed(core, d, address))
            return false;
        DescriptorTables.Load(ref register, selector, d, accessed: true);
        return true;
    }

    /// <summary>LLDT. False: a fault is recorded.</summary>
    public static bool LocalTable(CoreContext core, ushort selector) => LocalTable(core, selector, ExceptionVector.GeneralProtection);

    /// <summary>Loads LDTR; a selector that may not be loaded raises <paramref name="fault"/>: #GP, or #TS in a task switch, for missing ones too.</summary>
    public static bool LocalTable(CoreContext core, ushort selector, uint fault)
    {
        ref SegmentRegister ldtr = ref CpuState.Segment(core.State, SegmentIndex.Ldtr);
        uint error = (uint)(selector & 0xFFFC);
        if (error == 0)
        {
            ldtr = default;
            ldtr.Selector = selector;
            return true;
        }

        if ((selector & 4) != 0)
            return Fail(core, fault, error);
        bool wide = (core.State->Efer & ControlBits.EferLongActive) != 0;
        if (!DescriptorTables.Read(core, selector, wide, fault, out Descriptor d, out _))
            return false;
        if (d.CodeOrData || d.Type != 2)
            return Fail(core, fault, error);
        if (!d.Present)
            return Fail(core, fault == ExceptionVector.InvalidTss ? fault : ExceptionVector.SegmentNotPresent, error);
        if (!IsExtended(d))
            return Fail(core, fault, error);
        DescriptorTables.Load(ref ldtr, selector, d, accessed: false);
        return true;
    }

    /// <summary>LTR: marks the TSS busy. False: a fault is recorded.</summary>
    public static bool Task(CoreContext core, ushort selector)
    {
        uint error = (uint)(selector & 0xFFFC);
        if (error == 0 || (selector & 4) != 0)
            return Fail(core, ExceptionVector.GeneralProtection, error);
        bool wide = (core.State->Efer & ControlBits.EferLongActive) != 0;
        if (!DescriptorTables.Read(core, selector, wide, ExceptionVector.GeneralProtection, out Descriptor d, out ulong address))
            return false;
        if (d.CodeOrData || !(d.Type == 9 || (d.Type == 1 && !wide)))
            return Fail(core, ExceptionVector.GeneralProtection, error);
        if (!d.Present)
            return Fail(core, ExceptionVector.SegmentNotPresent, error);
        if (!IsExtended(d))
            return Fail(core, ExceptionVector.GeneralProtection, error);
        if (core.Virtual.WriteSystem(address + 5, 1, ((d.Raw >> 40) & 0xFF) | 2) == WriteOutcome.Fault)
            return false;
        ref SegmentRegister tr = ref CpuState.Segment(core.State, SegmentIndex.Tr);
        DescriptorTables.Load(ref tr, selector, d, accessed: false);
        tr.Attributes |= 2;
        return true;
    }

    // The second half of a long-mode system descriptor: a canonical base, and zeros where a descriptor of its own would have its type
    // (AMD APM vol. 2, 4.8.3). Legacy descriptors have none.
    private static bool IsExtended(in Descriptor d) => VirtualMemory.IsCanonical(d.Base) && ((d.High >> 40) & 0x1F) == 0;

    private static bool Null(CoreContext core, SegmentIndex index, ushort selector, uint fault, ref SegmentRegister register)
    {
        CpuState* s = core.State;
        if (index == SegmentIndex.Ss && !(s->Mode == CpuMode.Long64 && s->Cpl < 3 && (selector & 3) == s->Cpl))
            return Fail(core, fault, 0);
        // Zen 2 clears the base with the rest of the hidden part.
        register = default;
        register.Selector = selector;
        return true;
    }

    private static bool Fail(CoreContext core, uint vector, uint error)
    {
        core.Raise(vector, error);
        return false;
    }
}
