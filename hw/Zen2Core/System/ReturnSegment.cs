using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

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
        bool contradictory = (core.State->Efer & ControlBits.EferLongActive) != 0 && code.IsLong && code.IsBig;
        bool allowed = code.IsCode && !contradictory && rpl >= cpl && (code.IsConforming ? code.Dpl <= rpl : code.Dpl == rpl);
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

        // From 64-bit code a load of SS alone would take a null selector: what is returned to decides.
        if ((selector & 0xFFFC) == 0)
        {
            core.Raise(ExceptionVector.GeneralProtection);
            return false;
        }

        return SegmentLoad.Data(core, SegmentIndex.Ss, selector);
    }

    /// <summary>Loads as much of RSP as the stack segment just loaded uses (AMD APM vol. 3, IRET and RET).</summary>
    public static void LoadPointer(CpuState* s, ulong pointer, bool to64) =>
        s->Gpr[4] = to64 ? pointer : (CpuState.Segment(s, SegmentIndex.Ss).Attributes & SegmentRegister.Big) != 0
            ? (uint)pointer
            : (s->Gpr[4] & ~0xFFFFUL) | (ushort)pointer;

    /// <summary>
    /// Segments that the outer level may not use become null (AMD APM vol. 2, 4.11; vol. 3, IRET): selector and attributes, not the
    /// base, which 64-bit code goes on using in FS and GS.
    /// </summary>
    public static void DropInnerSegments(CpuState* s)
    {
        ReadOnlySpan<SegmentIndex> data = [SegmentIndex.Es, SegmentIndex.Ds, SegmentIndex.Fs, SegmentIndex.Gs];
        foreach (SegmentIndex index in data)
        {
            ref SegmentRegister register = ref CpuState.Segment(s, index);
            bool conforming = (register.Type & 0xC) == 0xC;
            if ((register.Attributes & SegmentRegister.Present) != 0 && !conforming && register.Dpl < s->Cpl)
                register = new SegmentRegister { Base = register.Base };
        }
    }
}
