using System.Runtime.CompilerServices;
using System.Threading;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>
/// HW-01. A processor that has nothing to do halts until its timer interrupts, 2 ms later, again and again; the boot processor watches that it
/// goes on. With the option <c>no-cc6</c> both first forbid CC6 (MSR C001_0296h bits 22, 14 and 6), the workaround of erratum 1474.
/// </summary>
internal static unsafe class IdleCores
{
    private const uint CStateConfiguration = 0xC001_0296;
    private const ulong DeepIdle = 1 << 6 | 1 << 14 | 1 << 22;
    private const byte Vector = 0x41;
    private const uint SleepTicks = 200_000; // REFCLK: 2 ms
    private const ulong TicksPerMillisecond = 2_250_000, Patience = 20 * TicksPerMillisecond;
    private const int Sleeps = 40;

    private static int s_sleeps;
    private static bool s_shallow;

    internal static int Run()
    {
        s_shallow = Options.Has("no-cc6"u8);
        if (s_shallow) ForbidDeepIdle();
        Out.Line("TSC "u8, Machine.Rdtsc(), ""u8);
        Smp.Start(1, &Second);
        int seen = 0;
        ulong since = Machine.Rdtsc();
        while (seen < Sleeps)
        {
            int now = Volatile.Read(ref s_sleeps);
            if (now != seen)
            {
                seen = now;
                since = Machine.Rdtsc();
            }
            else if (Machine.Rdtsc() - since > Patience)
            {
                Out.Line("watchdog: BUG: soft lockup - CPU#1 stuck for "u8, (Machine.Rdtsc() - since) / TicksPerMillisecond, "ms! [swapper/1]"u8);
                Out.Line("CPU 1 came back from idle "u8, (ulong)seen, " times, then no more"u8);
                Nudge(seen);
                Out.Line("TSC "u8, Machine.Rdtsc(), ""u8);
                return 1;
            }
            Machine.Pause();
        }
        Out.Line("CPU 1 came back from idle "u8, (ulong)seen, " times"u8);
        Out.Line("TSC "u8, Machine.Rdtsc(), ""u8);
        return 0;
    }

    /// <summary>No interrupt reaches it: neither a vector nor an NMI.</summary>
    private static void Nudge(int seen)
    {
        const uint nmi = 0x4400, @fixed = 0x4000;
        Apic.Send(1, @fixed | Vector);
        Apic.Send(1, nmi);
        ulong end = Machine.Rdtsc() + Patience;
        while (Machine.Rdtsc() < end) Machine.Pause();
        if (Volatile.Read(ref s_sleeps) == seen) Out.Line("NMI backtrace for cpu 1: no answer"u8);
    }

    private static void Second()
    {
        Apic.Enable();
        if (s_shallow) ForbidDeepIdle();
        for (int n = 1; n <= Sleeps; n++)
        {
            Apic.StartTimer(Vector, SleepTicks);
            Machine.StiHlt();
            Machine.Cli();
            Volatile.Write(ref s_sleeps, n);
        }
    }

    private static void ForbidDeepIdle() => Machine.Wrmsr(CStateConfiguration, Machine.Rdmsr(CStateConfiguration) & ~DeepIdle);
}
