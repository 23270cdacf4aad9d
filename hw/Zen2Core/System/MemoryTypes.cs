using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Memory types by their MTRR and PAT encodings (AMD APM vol. 2, 7.4).</summary>
public enum MemoryType : byte
{
    /// <summary>UC.</summary>
    Uncacheable = 0,

    /// <summary>WC.</summary>
    WriteCombining = 1,

    /// <summary>WT.</summary>
    WriteThrough = 4,

    /// <summary>WP.</summary>
    WriteProtect = 5,

    /// <summary>WB.</summary>
    WriteBack = 6,

    /// <summary>UC-: uncacheable unless the MTRR says WC; PAT only.</summary>
    UncacheableMinus = 7,
}

/// <summary>The memory type of a physical address under a page's PAT index (AMD APM vol. 2, 7.7 and 7.8).</summary>
public static unsafe class MemoryTypes
{
    private const ulong Enable = 1 << 11, FixedEnable = 1 << 10, ValidMask = 1 << 11, PhysicalBits = 0xFFFF_FFFF_F000;
    private const uint FixedRangeEnd = 0x10_0000;

    /// <summary>Combines CR0.CD, the MTRRs and the PAT.</summary>
    /// <param name="s">The core.</param>
    /// <param name="physical">Physical address.</param>
    /// <param name="patIndex">0-7, from the last-level page-table entry; 0 without paging.</param>
    public static MemoryType Of(CpuState* s, ulong physical, int patIndex)
    {
        if ((s->Cr0 & ControlBits.Cr0CacheDisable) != 0)
            return MemoryType.Uncacheable;
        MemoryType range = ByRange(s, physical);
        MemoryType page = (MemoryType)((MsrTable.Value(s, MsrNumbers.Pat) >> (patIndex * 8)) & 7);
        return (page, range) switch
        {
            (MemoryType.WriteBack, _) => range,
            (MemoryType.Uncacheable, _) => MemoryType.Uncacheable,
            (MemoryType.WriteCombining, _) => MemoryType.WriteCombining,
            (MemoryType.UncacheableMinus, MemoryType.WriteCombining) => MemoryType.WriteCombining,
            (MemoryType.UncacheableMinus, _) => MemoryType.Uncacheable,
            (_, MemoryType.Uncacheable or MemoryType.WriteCombining) => MemoryType.Uncacheable,
            (MemoryType.WriteProtect, MemoryType.WriteThrough) => MemoryType.Uncacheable,
            _ => page,
        };
    }

    /// <summary>The type by MTRR alone.</summary>
    public static MemoryType ByRange(CpuState* s, ulong physical)
    {
        ulong control = MsrTable.Value(s, MsrNumbers.MtrrDefault);
        if ((control & Enable) == 0)
            return MemoryType.Uncacheable;
        if (physical < FixedRangeEnd && (control & FixedEnable) != 0)
            return Fixed(s, (uint)physical);
        MemoryType? found = null;
        for (uint n = 0; n < 8; n++)
        {
            ulong mask = MsrTable.Value(s, MsrNumbers.MtrrBase0 + 1 + 2 * n);
            ulong start = MsrTable.Value(s, MsrNumbers.MtrrBase0 + 2 * n);
            if ((mask & ValidMask) == 0 || ((physical ^ start) & mask & PhysicalBits) != 0)
                continue;
            MemoryType type = (MemoryType)(start & 7);
            // Overlaps: uncacheable wins, then write-through over write-back.
            found = found is null || found == type ? type
                : found == MemoryType.Uncacheable || type == MemoryType.Uncacheable ? MemoryType.Uncacheable
                : MemoryType.WriteThrough;
        }

        return found ?? (MemoryType)(control & 7);
    }

    private static MemoryType Fixed(CpuState* s, uint physical)
    {
        (uint number, int field) = physical switch
        {
            < 0x8_0000 => (0x250u, (int)(physical >> 16)),
            < 0xC_0000 => (0x258 + ((physical - 0x8_0000) >> 17), (int)(physical >> 14) & 7),
            _ => (0x268 + ((physical - 0xC_0000) >> 15), (int)(physical >> 12) & 7),
        };
        return (MemoryType)((MsrTable.Value(s, number) >> (field * 8)) & 7);
    }
}
