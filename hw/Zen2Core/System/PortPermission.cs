using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Whether the current privilege may touch an I/O port (AMD APM vol. 2, 12.2.4).</summary>
internal static unsafe class PortPermission
{
    /// <summary>False: #GP(0) or a page fault is recorded.</summary>
    public static bool Check(CoreContext core, ushort port, int size)
    {
        CpuState* s = core.State;
        if (s->Mode == CpuMode.Real)
            return true;
        int ioLevel = (int)(s->SystemFlags >> 12) & 3;
        if (s->Cpl <= ioLevel && s->Mode != CpuMode.Virtual8086)
            return true;
        ref SegmentRegister tr = ref CpuState.Segment(s, SegmentIndex.Tr);
        if (tr.Limit >= 0x67)
        {
            if (!core.Virtual.ReadSystem(tr.Base + 0x66, 2, out ulong map))
                return false;
            ulong offset = map + (uint)(port >> 3);
            if (offset + 1 <= tr.Limit)
            {
                if (!core.Virtual.ReadSystem(tr.Base + offset, 2, out ulong bits))
                    return false;
                uint wanted = ((1u << size) - 1) << (port & 7);
                if ((bits & wanted) == 0)
                    return true;
            }
        }

        core.Raise(ExceptionVector.GeneralProtection);
        return false;
    }
}
