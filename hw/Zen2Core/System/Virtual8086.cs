using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// Virtual-8086 mode: entry by IRET, segments, and the virtual-mode extensions (AMD APM vol. 2, 8.8 and 8.10): CR4.VME with the
/// interrupt-redirection bitmap of the TSS, CR4.PVI, and RFLAGS.VIF and VIP in place of IF.
/// </summary>
internal static unsafe class Virtual8086
{
    private const ushort Attributes = 0xF3;
    private const uint RedirectionBytes = 32;

    /// <summary>True when the program's RFLAGS.IOPL is below 3, so that it may not touch IF itself.</summary>
    public static bool IsRestricted(CpuState* s) => (s->SystemFlags & SystemFlagBits.Iopl) != SystemFlagBits.Iopl;

    /// <summary>Whether CLI and STI that IOPL forbids act on VIF instead.</summary>
    public static bool HasVirtualInterruptFlag(CpuState* s) => s->Mode == CpuMode.Virtual8086
        ? (s->Cr4 & ControlBits.Cr4VirtualModeExtensions) != 0
        : s->Cpl == 3 && s->Mode != CpuMode.Real && (s->Cr4 & ControlBits.Cr4ProtectedVirtualInterrupts) != 0;

    /// <summary>The low 16 flags as a restricted program sees them with VME: VIF stands at IF, IOPL reads as 3.</summary>
    public static ulong VisibleFlags(CpuState* s)
    {
        ulong flags = s->RFlags & 0xFFFF & ~(ulong)SystemFlagBits.IF;
        return flags | SystemFlagBits.Iopl | ((s->SystemFlags & SystemFlagBits.VIF) != 0 ? SystemFlagBits.IF : 0);
    }

    /// <summary>Loads them back: IF goes to VIF. False: #GP(0), for a pending virtual interrupt or for TF.</summary>
    public static bool LoadVisibleFlags(CoreContext core, ulong value)
    {
        CpuState* s = core.State;
        bool interrupts = (value & SystemFlagBits.IF) != 0;
        if ((value & SystemFlagBits.TF) != 0 || (interrupts && (s->SystemFlags & SystemFlagBits.VIP) != 0))
        {
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        const ulong loaded = FlagBits.All | SystemFlagBits.DF | SystemFlagBits.NT | SystemFlagBits.TF;
        ulong kept = s->RFlags & ~(loaded | SystemFlagBits.VIF | SystemFlagBits.RF);
        s->SetRFlags(kept | (value & loaded) | (interrupts ? SystemFlagBits.VIF : 0));
        return true;
    }

    /// <summary>
    /// INT n of a virtual-8086 program with VME: true when the redirection bitmap leaves it to the program's own vector table.
    /// A fault while reading the bitmap is recorded, and <paramref name="faulted"/> set.
    /// </summary>
    public static bool IsRedirected(CoreContext core, byte vector, out bool faulted)
    {
        faulted = false;
        CpuState* s = core.State;
        if ((s->Cr4 & ControlBits.Cr4VirtualModeExtensions) == 0)
            return false;
        ref SegmentRegister tr = ref CpuState.Segment(s, SegmentIndex.Tr);
        if (tr.Limit < TaskStateLayout.PermissionMap + 1)
            return false;
        faulted = !core.Virtual.ReadSystem(tr.Base + TaskStateLayout.PermissionMap, 2, out ulong map);
        ulong at = map - RedirectionBytes + (uint)(vector >> 3);
        if (faulted || map < RedirectionBytes || at > tr.Limit)
            return false;
        faulted = !core.Virtual.ReadSystem(tr.Base + at, 1, out ulong bits);
        return !faulted && (bits & (1UL << (vector & 7))) == 0;
    }

    /// <summary>Carries INT n out through the program's vector table at linear address 0. False: a fault is recorded.</summary>
    public static bool Redirect(CoreContext core, byte vector)
    {
        CpuState* s = core.State;
        if (!core.Virtual.Read((ulong)vector * 4, 4, 0, out ulong entry))
            return false;
        bool restricted = IsRestricted(s);
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        StackFrame stack = new(core);
        if (!stack.Push(2, restricted ? VisibleFlags(s) : s->RFlags) || !stack.Push(2, cs.Selector) || !stack.Push(2, s->Rip))
            return false;
        stack.Commit();
        s->SystemFlags &= ~(SystemFlagBits.TF | SystemFlagBits.RF | (restricted ? SystemFlagBits.VIF : SystemFlagBits.IF));
        cs.Selector = (ushort)(entry >> 16);
        cs.Base = (entry >> 16) << 4;
        s->Rip = (ushort)entry;
        core.RefreshMode();
        return true;
    }

    /// <summary>IRET from level 0 with VM set in the image: the stack holds ESP, SS, ES, DS, FS, GS behind the flags. False: a fault is recorded.</summary>
    public static bool Enter(CoreContext core, ref StackFrame stack, ulong rip, ushort code, ulong flags)
    {
        CpuState* s = core.State;
        // In the order of SegmentIndex: ES, CS, SS, DS, FS, GS.
        Span<ushort> selectors = stackalloc ushort[6];
        selectors[(int)SegmentIndex.Cs] = code;
        if (!stack.Pop(4, out ulong pointer) || !Next(ref stack, selectors, SegmentIndex.Ss) || !Next(ref stack, selectors, SegmentIndex.Es)
            || !Next(ref stack, selectors, SegmentIndex.Ds) || !Next(ref stack, selectors, SegmentIndex.Fs)
            || !Next(ref stack, selectors, SegmentIndex.Gs))
        {
            return false;
        }

        s->SetRFlags(flags);
        s->ResumeAt = s->Executed + 1;
        s->Cpl = 3;
        s->Gpr[4] = pointer;
        s->Rip = (ushort)rip;
        LoadSegments(s, selectors);
        core.RefreshMode();
        return true;
    }

    /// <summary>Sets the six segment registers as virtual-8086 mode has them: base from the selector, 64 KiB, data, level 3.</summary>
    public static void LoadSegments(CpuState* s, ReadOnlySpan<ushort> selectors)
    {
        for (int n = 0; n < 6; n++)
        {
            ref SegmentRegister register = ref CpuState.Segment(s, (SegmentIndex)n);
            register.Selector = selectors[n];
            register.Base = (ulong)selectors[n] << 4;
            register.Limit = 0xFFFF;
            register.Attributes = Attributes;
        }
    }

    private static bool Next(ref StackFrame stack, scoped Span<ushort> selectors, SegmentIndex index)
    {
        bool popped = stack.Pop(4, out ulong value);
        selectors[(int)index] = (ushort)value;
        return popped;
    }
}
