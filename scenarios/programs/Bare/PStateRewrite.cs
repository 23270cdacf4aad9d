using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>
/// HW-05. The TSC counts at the frequency that the definition of P-state 0 gives. Software that writes another definition while a clock runs
/// on the TSC changes the clock's rate; a watchdog that compares it with the PM timer sees that.
/// </summary>
internal static unsafe class PStateRewrite
{
    private const ushort PmTimer = 0x808;
    private const uint PmMask = 0xFF_FFFF, PState0 = 0xC001_0064;
    private const ulong PmHertz = 3_579_545, TscMult = 7_456_540, FrequencyId = 0xFF;
    private const int TscShift = 24;
    private const uint Interval = 358_000; // 100 ms
    private const ulong Threshold = 400_000; // ns in an interval: Linux 6.1's margins are for half a second

    internal static int Run()
    {
        bool rewrite = Options.Has("rewrite"u8);
        bool failed = false;
        for (int n = 0; n < 6 && !failed; n++)
        {
            if (n == 3 && rewrite)
            {
                // CpuFid 5Ah (22.5 x 100 MHz) becomes 64h: an "overclock" of P0 by a tool.
                ulong definition = Machine.Rdmsr(PState0);
                Machine.Wrmsr(PState0, definition & ~FrequencyId | 0x64);
                Out.Line("wrmsr PStateDef0: 2250 MHz -> 2500 MHz"u8);
            }
            failed = !Compare();
        }
        if (!failed) Out.Line("clocksource: tsc agrees with acpi_pm"u8);
        return 0;
    }

    private static bool Compare()
    {
        uint pm = Pm();
        ulong tsc = Machine.RdtscOrdered();
        uint passed;
        do passed = Pm() - pm & PmMask; while (passed < Interval);
        ulong tscNs = (Machine.RdtscOrdered() - tsc) * TscMult >> TscShift;
        ulong pmNs = passed * 1_000_000_000UL / PmHertz;
        ulong skew = tscNs > pmNs ? tscNs - pmNs : pmNs - tscNs;
        if (skew < Threshold) return true;
        Out.Line("clocksource: timekeeping watchdog on CPU0: Marking clocksource 'tsc' as unstable because the skew is too large:"u8);
        Out.Line("clocksource:                       'acpi_pm' wd_nsec: "u8, pmNs, ""u8);
        Out.Line("clocksource:                       'tsc' cs_nsec: "u8, tscNs, ""u8);
        return false;
    }

    private static uint Pm() => Machine.In32(PmTimer) & PmMask;
}
