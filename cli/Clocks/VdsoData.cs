using System.Buffers.Binary;
using CoSim.Hw.Zen2Core;

namespace CoSim.Cli.Clocks;

/// <summary>Reads the first data page below a vDSO, as far as a watcher needs it.</summary>
internal static class VdsoData
{
    private const ulong PageMask = 0xFFF;
    private const int ModeAt = 4, OffsetsAt = 32, OffsetBytes = 16, Half = 8, ClockCount = 12;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>clock_mode of a namespace's page (Linux 5.6 to 6.12, include/vdso/clocksource.h: VDSO_CLOCKMODE_TIMENS).</summary>
    private const int NamespaceMode = int.MaxValue;

    /// <summary>The namespace whose page is mapped at an address.</summary>
    /// <param name="core">A core whose page table maps it.</param>
    /// <param name="page">Linear address of the page.</param>
    /// <param name="clock">The clock whose offset is wanted.</param>
    public static TimeNamespaceId NamespaceAt(CoreContext core, ulong page, int clock)
    {
        if (!core.Virtual.TryFind(page, out ulong physical))
            return default;
        physical &= ~PageMask;
        Span<byte> head = stackalloc byte[OffsetsAt];
        Span<byte> offset = stackalloc byte[OffsetBytes];
        // vdso_data: seq, clock_mode, cycle_last, mask, mult, shift, then a pair of seconds and nanoseconds for each clock.
        if (clock is < 0 or >= ClockCount || core.Virtual.Peek(page, head) < OffsetsAt
            || BinaryPrimitives.ReadInt32LittleEndian(head[ModeAt..]) != NamespaceMode
            || core.Virtual.Peek(page + OffsetsAt + (ulong)(clock * OffsetBytes), offset) < OffsetBytes)
            return new TimeNamespaceId(physical, 0);
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(offset), rest = BinaryPrimitives.ReadInt64LittleEndian(offset[Half..]);
        return new TimeNamespaceId(physical, unchecked((seconds * NanosecondsPerSecond) + rest));
    }
}
