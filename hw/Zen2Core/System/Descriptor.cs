using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>A descriptor as it lies in a table (AMD APM vol. 2, 4.7 and 4.8).</summary>
/// <param name="Raw">The low eight bytes.</param>
/// <param name="High">The high eight bytes of a 16-byte system descriptor or gate in long mode, else 0.</param>
internal readonly record struct Descriptor(ulong Raw, ulong High)
{
    /// <summary>Bits 40-47 in 0-7 and bits 52-55 in 8-11, as <see cref="SegmentRegister.Attributes"/>.</summary>
    public ushort Attributes => (ushort)(((Raw >> 40) & 0xFF) | ((Raw >> 44) & 0xF00));

    /// <summary>Type field.</summary>
    public int Type => (int)(Raw >> 40) & 0xF;

    /// <summary>Privilege level.</summary>
    public int Dpl => (int)(Raw >> 45) & 3;

    /// <summary>Present.</summary>
    public bool Present => ((Raw >> 47) & 1) != 0;

    /// <summary>Code or data, not system.</summary>
    public bool CodeOrData => ((Raw >> 44) & 1) != 0;

    /// <summary>Code segment.</summary>
    public bool IsCode => CodeOrData && (Type & 8) != 0;

    /// <summary>Conforming code segment.</summary>
    public bool IsConforming => (Type & 0xC) == 0xC;

    /// <summary>64-bit code.</summary>
    public bool IsLong => ((Raw >> 53) & 1) != 0;

    /// <summary>Default size bit.</summary>
    public bool IsBig => ((Raw >> 54) & 1) != 0;

    /// <summary>Segment base; 64 bits wide for system descriptors in long mode.</summary>
    public ulong Base => ((Raw >> 16) & 0xFF_FFFF) | ((Raw >> 32) & 0xFF00_0000) | (High << 32);

    /// <summary>Limit in bytes, granularity applied.</summary>
    public uint Limit
    {
        get
        {
            uint limit = (uint)((Raw & 0xFFFF) | ((Raw >> 32) & 0xF_0000));
            return ((Raw >> 55) & 1) != 0 ? (limit << 12) | 0xFFF : limit;
        }
    }

    /// <summary>Gate: target selector.</summary>
    public ushort GateSelector => (ushort)(Raw >> 16);

    /// <summary>Gate: target offset, all parts.</summary>
    public ulong GateOffset => (Raw & 0xFFFF) | ((Raw >> 32) & 0xFFFF_0000) | (High << 32);

    /// <summary>Interrupt gate in long mode: interrupt stack table index, 0 for none.</summary>
    public int GateStack => (int)(Raw >> 32) & 7;
}

/// <summary>Access to descriptor tables.</summary>
internal static unsafe class DescriptorTables
{
    /// <summary>Reads the descriptor of a selector from the GDT or LDT. False: #GP(selector) or a page fault is recorded.</summary>
    /// <param name="core">The core.</param>
    /// <param name="selector">Selector; not null.</param>
    /// <param name="wide">16-byte system descriptor (LDT, TSS, call gate in long mode).</param>
    /// <param name="fault">Vector to raise when the selector lies outside the table.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="address">Its linear address.</param>
    public static bool Read(
        CoreContext core, ushort selector, bool wide, uint fault, out Descriptor descriptor, out ulong address)
    {
        CpuState* s = core.State;
        descriptor = default;
        ulong tableBase = s->Gdtr.Base;
        uint limit = s->Gdtr.Limit;
        bool local = (selector & 4) != 0;
        if (local)
        {
            ref SegmentRegister ldtr = ref CpuState.Segment(s, SegmentIndex.Ldtr);
            tableBase = ldtr.Base;
            limit = (ldtr.Selector & 0xFFFC) == 0 ? 0 : ldtr.Limit;
        }

        uint offset = (uint)(selector & 0xFFF8);
        address = tableBase + offset;
        bool outside = offset + (wide ? 15u : 7u) > limit || (local && limit == 0);
        if (outside)
        {
            core.Raise(fault, (uint)(selector & 0xFFFC));
            return false;
        }

        ulong high = 0;
        if (!core.Virtual.ReadSystem(address, 8, out ulong raw) || (wide && !core.Virtual.ReadSystem(address + 8, 8, out high)))
            return false;
        descriptor = new Descriptor(raw, high);
        return true;
    }

    /// <summary>Sets the accessed bit of a code or data descriptor in memory if it is clear. False: a fault is recorded.</summary>
    public static bool SetAccessed(CoreContext core, in Descriptor descriptor, ulong address)
    {
        if ((descriptor.Type & 1) != 0)
            return true;
        return core.Virtual.WriteSystem(address + 5, 1, ((descriptor.Raw >> 40) & 0xFF) | 1) != WriteOutcome.Fault;
    }

    /// <summary>Fills a segment register's hidden part.</summary>
    public static void Load(ref SegmentRegister register, ushort selector, in Descriptor descriptor, bool accessed)
    {
        register.Selector = selector;
        register.Base = descriptor.Base;
        register.Limit = descriptor.Limit;
        register.Attributes = (ushort)(descriptor.Attributes | (accessed ? 1 : 0));
    }
}
