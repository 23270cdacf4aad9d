using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

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
