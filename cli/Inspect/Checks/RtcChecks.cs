using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>The RTC's divider, its second, and its warning before a second changes.</summary>
internal static class RtcChecks
{
    private const byte Seconds = 0, RegisterA = 0x0A, UpdateInProgress = 0x80, Divider = 0x70, Runs = 0x20;
    private const int MeasuredSeconds = 4, PollsPerSecond = 100_000;
    private const ulong Hertz = 32_768;

    private static readonly SimDuration s_poll = SimDuration.FromMicroseconds(10);

    /// <summary>Up to here before the expected second nobody polls; 1 % of the measured seconds, and a bit.</summary>
    private static readonly SimDuration s_sleep = SimDuration.FromMilliseconds((1000 * MeasuredSeconds) - 100);

    /// <summary>
    /// Register A's divider selects the 32.768 kHz time base; a second lasts 32,768 of its ticks; UIP is set 244 us before a second changes
    /// and until it has changed (MC146818A, "Update cycle").
    /// </summary>
    public static void Add(CheckList list, RegisterView registers)
    {
        list.Equal("RTC divider", CheckList.Hex(Runs), CheckList.Hex((ulong)(registers.Cmos(RegisterA) & Divider)), "MC146818A, register A: 32.768 kHz");
        if (FindSecond(registers, out bool warned) is not { } first)
        {
            list.Holds("RTC counts", "a change of the second in 2 s", "none", "MC146818A", agrees: false);
            return;
        }
        list.Holds("RTC counts", "a change of the second in 2 s", "changes", "MC146818A", agrees: true);
        list.Equal("RTC UIP before the change", "1", warned ? "1" : "0", "MC146818A, update cycle");
        byte from = registers.Cmos(Seconds);
        registers.Pass(s_sleep);
        if (FindSecond(registers, out bool _) is not { } last)
            return;
        int passed = (Number(registers.Cmos(Seconds)) - Number(from) + 60) % 60;
        list.Rate("RTC time base", Frequency.FromHertz(Hertz), (ulong)passed * Hertz, last - first, RateLimits.Rtc, "MC146818A, time base");
    }

    private static SimTime? FindSecond(RegisterView registers, out bool warned)
    {
        byte before = registers.Cmos(Seconds);
        warned = false;
        for (int poll = 0; poll < 2 * PollsPerSecond; poll++)
        {
            bool isUpdating = (registers.Cmos(RegisterA) & UpdateInProgress) != 0;
            registers.Pass(s_poll);
            if (registers.Cmos(Seconds) != before)
            {
                warned = isUpdating;
                return registers.Now;
            }
        }
        return null;
    }

    private static int Number(byte coded) => (coded >> 4) * 10 + (coded & 0xF);
}
