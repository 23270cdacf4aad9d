using System.Runtime.CompilerServices;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// Accesses that the compiler neither caches nor moves. The hardware (x86 total store order) needs no more for a
/// sequence count.
/// </summary>
internal static unsafe class Volatile32
{
    private struct Cell
    {
        internal volatile uint Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Read(uint* address) => ((Cell*)address)->Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write(uint* address, uint value) => ((Cell*)address)->Value = value;
}
