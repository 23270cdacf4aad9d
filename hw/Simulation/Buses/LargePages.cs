using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CoSim.Hw.Simulation;

/// <summary>
/// Advice to a Linux host about large blocks of memory that are soon written through: a page fault for each 4 KiB of it costs more than
/// what is written. Where the host declines, nothing changes.
/// </summary>
public static unsafe partial class LargePages
{
    private const int AdviseHugePages = 14;
    private const nuint PageSize = 4096;

    /// <summary>Asks for large pages behind a block that does not move: native memory, or an array of many megabytes that was just made.</summary>
    /// <param name="block">The block; its whole pages count.</param>
    public static void Prefer(Span<byte> block)
    {
        if (block.Length < (int)PageSize)
            return;
        Prefer((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(block)), (ulong)block.Length);
    }

    /// <summary>The same for native memory.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes.</param>
    public static void Prefer(byte* start, ulong length)
    {
        byte* first = (byte*)(((nuint)start + PageSize - 1) & ~(PageSize - 1));
        byte* end = start + length;
        if (OperatingSystem.IsLinux() && first < end)
            _ = Advise(first, (nuint)(end - first), AdviseHugePages);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* start, nuint length, int advice);
}
