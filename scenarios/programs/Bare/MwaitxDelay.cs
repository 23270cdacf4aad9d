using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>
/// HW-08. A delay loop by MWAITX, as kernels have it on processors with MONITORX: wait for what is left, at most 2^32-1 ticks at a time. A
/// delay of 0 asks for a timer of 0, which is no timer. Every processor has a watchdog here: the local APIC's timer, after 20 ms.
/// </summary>
internal static unsafe class MwaitxDelay
{
    private const byte WatchdogVector = 0x40;
    private const uint WatchdogTicks = 2_000_000, TimerEnabled = 2, MaxTimer = uint.MaxValue;
    private const ulong TicksPerMicrosecond = 2250;

    private static Line s_line;

    [InlineArray(16)] private struct Line { private ulong _first; }

    internal static int Run()
    {
        Apic.Enable();
        Measure("udelay(10)"u8, 10);
        Measure("udelay(1)"u8, 1);
        Measure("udelay(0)"u8, 0);
        return 0;
    }

    private static void Measure(System.ReadOnlySpan<byte> what, ulong microseconds)
    {
        uint before = Traps.Count(WatchdogVector);
        Apic.StartTimer(WatchdogVector, WatchdogTicks);
        Machine.Sti();
        ulong start = Machine.RdtscOrdered();
        Delay(microseconds * TicksPerMicrosecond);
        ulong ticks = Machine.RdtscOrdered() - start;
        Machine.Cli();
        Apic.StartTimer(WatchdogVector, 0);
        Out.Write(what);
        Out.Line(" took "u8, ticks / TicksPerMicrosecond, " us"u8);
        if (Traps.Count(WatchdogVector) != before)
            Out.Line("watchdog: BUG: soft lockup - CPU#0 stuck for "u8, ticks / TicksPerMicrosecond / 1000, "ms! [udelay]"u8);
    }

    private static void Delay(ulong ticks)
    {
        // The fix of Linux (88d879d29f9c): nothing to wait for, no MWAITX.
        if (ticks == 0 && Options.Has("check-zero"u8)) return;
        ulong start = Machine.RdtscOrdered();
        for (; ; )
        {
            Machine.MonitorX(Unsafe.AsPointer(ref s_line));
            Machine.MwaitX(ticks < MaxTimer ? (uint)ticks : MaxTimer, TimerEnabled);
            ulong now = Machine.RdtscOrdered();
            if (ticks <= now - start) return;
            ticks -= now - start;
            start = now;
        }
    }
}
