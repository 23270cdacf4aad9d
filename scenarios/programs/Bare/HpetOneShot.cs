using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>
/// HW-10. Comparator 0 of the HPET as a one-shot timer, as drivers program it: counter + delta into the comparator. It matches when the two
/// are equal, never when the counter is beyond; what has been passed waits for the wrap of 32 bits, 299.97 s.
/// </summary>
/// <remarks>
/// With the option <c>check</c> the driver reads the counter again after the write and gives the event up as too late when less than 128 ticks are
/// left (Linux, hpet_clkevt_set_next_event: HPET_MIN_CYCLES, "Chose a paranoid safe value for the ETIME check", f1c18071ad70).
/// </remarks>
internal static unsafe class HpetOneShot
{
    private const ulong Base = 0xFED0_0000;
    private const uint Configuration = 0x10, Counter = 0xF0, TimerConfiguration = 0x100, Comparator = 0x108;
    private const uint Enable = 1, LegacyReplacement = 2, InterruptEnable = 4, Mode32 = 0x100;
    private const uint TimerPin = 2;
    private const byte Vector = 0x50;
    private const int Events = 40, MinimumCycles = 128;
    private const ulong TicksPerMicrosecond = 2250;

    internal static int Run()
    {
        bool check = Options.Has("check"u8);
        Apic.Enable();
        Apic.Route(TimerPin, Vector);
        Write(TimerConfiguration, InterruptEnable | Mode32);
        Write(Configuration, Enable | LegacyReplacement);
        ulong worst = 0, late = 0;
        for (uint n = 0; n < Events; n++)
        {
            // From 40 us down to a little more than what the program needs itself.
            uint delta = 600 - 14 * n;
            uint before = Traps.Count(Vector);
            ulong start = Machine.RdtscOrdered();
            if (!Program(delta, check))
            {
                late++;
                continue;
            }
            while (Traps.Count(Vector) == before) Machine.StiHlt();
            Machine.Cli();
            ulong took = (Traps.LastStamp - start) / TicksPerMicrosecond;
            if (took > worst) worst = took;
        }
        Out.Line("events: "u8, Events, ""u8);
        Out.Line("given up as too late and handled at once: "u8, late, ""u8);
        Out.Line("longest time from programming to interrupt: "u8, worst, " us"u8);
        if (worst > 1_000_000) Out.Line("hrtimer: interrupt took "u8, worst * 1000, " ns"u8);
        return 0;
    }

    /// <summary>Programs the next event. False: it is too late for that.</summary>
    private static bool Program(uint delta, bool check)
    {
        uint comparator = Read(Counter) + delta;
        Write(Comparator, comparator);
        return !check || (int)(comparator - Read(Counter)) >= MinimumCycles;
    }

    private static uint Read(uint offset) => *(uint*)(Base + offset);

    private static void Write(uint offset, uint value) => *(uint*)(Base + offset) = value;
}
