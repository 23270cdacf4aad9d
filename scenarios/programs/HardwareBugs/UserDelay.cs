using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Scenarios.HardwareBugs;

/// <summary>
/// HW-08. The delay loop of kernels, by MWAITX, in a program: the instruction may be executed at every privilege level. What ends a wait
/// without a timer is an interrupt of the operating system, its tick.
/// </summary>
public static unsafe class UserDelay
{
    private const uint TimerEnabled = 2, MaxTimer = uint.MaxValue;
    private const long TicksPerMicrosecond = 2250;
    private const int Tries = 20;

    private static Line64 s_line;

    [InlineArray(16)] private struct Line64 { private ulong _first; }

    /// <summary>Measures delays of 10 us, 1 us and none, the longest of some of each.</summary>
    /// <param name="checksZero">Whether the loop returns at once when there is nothing to wait for (Linux 88d879d29f9c).</param>
    public static int Run(bool checksZero)
    {
        for (ulong microseconds = 10; ; microseconds /= 10)
        {
            long longest = 0;
            for (int i = 0; i < Tries; i++)
            {
                long start = (long)Machine.RdtscOrdered();
                Delay((long)microseconds * TicksPerMicrosecond, checksZero);
                long ticks = (long)Machine.RdtscOrdered() - start;
                if (ticks > longest) longest = ticks;
            }
            Line.Of("udelay("u8).Add((long)microseconds).Add(") took up to "u8).Add(longest / TicksPerMicrosecond).Add(" us"u8).End();
            if (microseconds == 0) return 0;
        }
    }

    private static void Delay(long ticks, bool checksZero)
    {
        if (ticks == 0 && checksZero) return;
        long start = (long)Machine.RdtscOrdered();
        for (; ; )
        {
            Machine.MonitorX(Unsafe.AsPointer(ref s_line));
            Machine.MwaitX(ticks < MaxTimer ? (uint)ticks : MaxTimer, TimerEnabled);
            long now = (long)Machine.RdtscOrdered();
            if (ticks <= now - start) return;
            ticks -= now - start;
            start = now;
        }
    }
}
