using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Where a task-state segment keeps what a task switch saves and loads (AMD APM vol. 2, 12.2.4 and 12.2.6). Offsets in bytes.</summary>
internal sealed class TaskStateLayout
{
    /// <summary>Smallest segment that holds everything.</summary>
    public required uint Bytes { get; init; }

    /// <summary>Bytes of a register's slot: 2 or 4.</summary>
    public required int Width { get; init; }

    /// <summary>Instruction pointer; flags and the general-purpose registers in encoding order follow it.</summary>
    public required uint Pointer { get; init; }

    /// <summary>Selectors in the order ES, CS, SS, DS and, in 32-bit segments, FS, GS; each in a slot of <see cref="Width"/> bytes.</summary>
    public required uint Selectors { get; init; }

    /// <summary>How many of them there are.</summary>
    public required int SelectorCount { get; init; }

    /// <summary>LDT selector.</summary>
    public required uint LocalTable { get; init; }

    /// <summary>CR3 in a 32-bit segment.</summary>
    public const uint PageTables = 0x1C;

    /// <summary>The T bit's word in a 32-bit segment.</summary>
    public const uint Trap = 0x64;

    /// <summary>Offset of the I/O permission map, 2 bytes, in a 32- or 64-bit segment.</summary>
    public const uint PermissionMap = 0x66;

    /// <summary>The 80286's.</summary>
    public static readonly TaskStateLayout Narrow = new()
    {
        Bytes = 0x2C,
        Width = 2,
        Pointer = 0x0E,
        Selectors = 0x22,
        SelectorCount = 4,
        LocalTable = 0x2A,
    };

    /// <summary>The 32-bit one.</summary>
    public static readonly TaskStateLayout Wide = new()
    {
        Bytes = 0x68,
        Width = 4,
        Pointer = 0x20,
        Selectors = 0x48,
        SelectorCount = 6,
        LocalTable = 0x60,
    };

    /// <summary>By the type field of a TSS descriptor, busy or not.</summary>
    public static TaskStateLayout Of(int type) => (type & 8) != 0 ? Wide : Narrow;

    /// <summary>Segment registers in the order of <see cref="Selectors"/>.</summary>
    public static SegmentIndex Segment(int n) => (SegmentIndex)n;
}
