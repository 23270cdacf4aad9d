using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>
/// FW-11. An operating system that does not use the HPET expects the PIT's tick on IRQ 0 and the RTC's alarm on IRQ 8. While the HPET is in legacy
/// replacement mode, as firmware or a kernel before may leave it, both are cut off.
/// </summary>
internal static unsafe class RtcAlarm
{
    private const byte TickVector = 0x60, RtcVector = 0x68;
    private const uint TimerPin = 2, RtcPin = 8;
    private const ushort PitControl = 0x43, Pit0 = 0x40, RtcIndex = 0x70, RtcData = 0x71;
    private const ulong TicksPerMillisecond = 2_250_000;
    private const ulong HpetConfiguration = 0xFED0_0010, LegacyReplacement = 2;

    internal static int Run()
    {
        ulong* hpet = (ulong*)HpetConfiguration;
        Out.Line("HPET GEN_CONF as firmware left it: "u8, *hpet, ""u8);
        if (Options.Has("clear-legacy"u8)) *hpet &= ~LegacyReplacement;
        Apic.Enable();
        Apic.Route(TimerPin, TickVector);
        Apic.Route(RtcPin, RtcVector);
        // 100 Hz by counter 0, mode 2.
        Machine.Out8(PitControl, 0x34);
        Machine.Out8(Pit0, 11932 & 0xFF);
        Machine.Out8(Pit0, 11932 >> 8);
        SetAlarm();
        Machine.Sti();
        ulong end = Machine.Rdtsc() + 2500 * TicksPerMillisecond;
        while (Machine.Rdtsc() < end) Machine.Pause();
        Machine.Cli();
        Out.Line("PIT ticks in 2.5 s: "u8, Traps.Count(TickVector), ""u8);
        Out.Line("RTC alarms in 2.5 s: "u8, Traps.Count(RtcVector), ""u8);
        if (Traps.Count(TickVector) == 0) Out.Line("..MP-BIOS bug: 8254 timer not connected to IO-APIC"u8);
        if (Traps.Count(RtcVector) == 0) Out.Line("rtc_cmos: alarm lost"u8);
        return 0;
    }

    /// <summary>An alarm in each second: all three alarm registers "don't care".</summary>
    private static void SetAlarm()
    {
        WriteCmos(0x01, 0xC0);
        WriteCmos(0x03, 0xC0);
        WriteCmos(0x05, 0xC0);
        WriteCmos(0x0B, 0x22); // 24 hours, alarm interrupt enabled
        Machine.Out8(RtcIndex, 0x0C);
        Machine.In8(RtcData);
    }

    private static void WriteCmos(byte index, byte value)
    {
        Machine.Out8(RtcIndex, index);
        Machine.Out8(RtcData, value);
    }
}
