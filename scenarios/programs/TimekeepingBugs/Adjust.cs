using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.TimekeepingBugs;

/// <summary>adjtimex(2), as far as it is used here (struct timex: include/uapi/linux/timex.h).</summary>
public static unsafe class Adjust
{
    private const uint SysAdjtimex = 159;
    private const ulong TimexBytes = 208;
    private const int FrequencyOffset = 16, StatusOffset = 40;
    private const uint ModeFrequency = 2, ModeStatus = 0x10;

    /// <summary>STA_INS: a leap second at the end of the UTC day.</summary>
    public const uint InsertLeapSecond = 0x10;

    /// <summary>Sets the frequency.</summary>
    /// <param name="partsPerMillion">Faster by so much, at most 500.</param>
    /// <returns>The clock state, or -errno.</returns>
    public static long Frequency(long partsPerMillion)
    {
        byte* timex = Buffer;
        *(uint*)timex = ModeFrequency;
        *(long*)(timex + FrequencyOffset) = partsPerMillion << 16;
        return SystemCall.Invoke(SysAdjtimex, (ulong)timex);
    }

    /// <summary>Sets the status bits.</summary>
    /// <returns>The clock state, or -errno.</returns>
    public static long Status(uint bits)
    {
        byte* timex = Buffer;
        *(uint*)timex = ModeStatus;
        *(uint*)(timex + StatusOffset) = bits;
        return SystemCall.Invoke(SysAdjtimex, (ulong)timex);
    }

    private static byte* s_buffer;

    private static byte* Buffer => s_buffer != null ? s_buffer : s_buffer = Linux.Allocate(TimexBytes);
}
