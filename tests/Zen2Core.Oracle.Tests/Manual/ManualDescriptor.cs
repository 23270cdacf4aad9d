using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>A descriptor of 8 bytes, or of 16 for what long mode extends (AMD APM vol. 2, 4.7 and 4.8).</summary>
/// <param name="Low">First quadword.</param>
/// <param name="High">Second quadword of system descriptors.</param>
internal readonly record struct ManualDescriptor(ulong Low, ulong High)
{
    public int Type => (int)(Low >> 40) & 0xF;

    /// <summary>Code or data, not a system descriptor.</summary>
    public bool IsUser => ((Low >> 44) & 1) != 0;

    public int Dpl => (int)(Low >> 45) & 3;

    public bool IsPresent => ((Low >> 47) & 1) != 0;

    public bool IsLong => ((Low >> 53) & 1) != 0;

    public bool IsBig => ((Low >> 54) & 1) != 0;

    public bool IsCode => IsUser && (Type & 8) != 0;

    public bool IsConforming => IsCode && (Type & 4) != 0;

    public bool IsReadable => IsUser && (!IsCode || (Type & 2) != 0);

    public bool IsWritableData => IsUser && !IsCode && (Type & 2) != 0;

    public uint Limit
    {
        get
        {
            uint limit = (uint)((Low & 0xFFFF) | ((Low >> 32) & 0xF0000));
            return ((Low >> 55) & 1) != 0 ? (limit << 12) | 0xFFF : limit;
        }
    }

    public ulong Base => ((Low >> 16) & 0xFF_FFFF) | ((Low >> 32) & 0xFF00_0000) | (High << 32);

    /// <summary>The hidden part with a selector.</summary>
    public SegmentRegister Load(ushort selector) => new()
    {
        Selector = selector,
        Base = Base,
        Limit = Limit,
        Attributes = (ushort)(((Low >> 40) & 0xFF) | ((Low >> 44) & 0xF00)),
    };
}

/// <summary>The manual's ways to descriptors.</summary>
internal static class ManualDescriptors
{
    private const int AccessedBit = 40;

    public static bool IsNull(ulong selector) => (selector & 0xFFFC) == 0;

    /// <summary>Error code of an exception that names a selector.</summary>
    public static ulong Error(ulong selector) => selector & 0xFFFC;

    /// <summary>The descriptor of a selector, or null when it lies beyond the table or the LDT is absent.</summary>
    public static ManualDescriptor? Find(ManualProcessor p, ulong selector, bool wide)
    {
        if (Place(p.S, selector, wide ? 16 : 8) is not ulong at)
            return null;
        ulong low = p.Memory.Read(at, 8, 0);
        return new ManualDescriptor(low, wide ? p.Memory.Read(at + 8, 8, 0) : 0);
    }

    /// <summary>The same; #GP with the selector when there is none.</summary>
    public static ManualDescriptor Get(ManualProcessor p, ulong selector, bool wide) =>
        Find(p, selector, wide) ?? throw ManualException.Protection(Error(selector));

    /// <summary>Sets the accessed bit, in memory and in the copy.</summary>
    public static ManualDescriptor MarkAccessed(ManualProcessor p, ulong selector, ManualDescriptor descriptor)
    {
        ulong at = Place(p.S, selector, 8)!.Value;
        ulong marked = descriptor.Low | (1UL << AccessedBit);
        if (marked != descriptor.Low)
            p.Memory.Store(at, marked, 8, 0);
        return descriptor with { Low = marked };
    }

    /// <summary>Linear address of a descriptor.</summary>
    public static ulong? Place(ManualState s, ulong selector, int bytes)
    {
        ref SegmentRegister local = ref s.Segments[(int)SegmentIndex.Ldtr];
        bool inLocal = (selector & 4) != 0;
        if (inLocal && (local.Attributes & SegmentRegister.Present) == 0)
            return null;
        (ulong table, uint limit) = inLocal ? (local.Base, local.Limit) : (s.Gdtr.Base, s.Gdtr.Limit);
        ulong offset = selector & 0xFFF8;
        return offset + (ulong)bytes - 1 <= limit ? table + offset : null;
    }
}
