using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>Atomic counting of references.</summary>
internal static unsafe class RefCount
{
    /// <summary>Adds and returns the value from before.</summary>
    internal static int Add(int* count, int delta) => (int)Machine.ExchangeAdd32(count, (uint)delta);
}
