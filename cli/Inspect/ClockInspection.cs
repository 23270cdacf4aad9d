using System.Globalization;
using CoSim.Cli.Options;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect;

/// <summary>
/// All clocks of a machine at one instant after reset. No guest code runs: every counter is started at reset through the registers
/// that firmware would use, so that the values can be compared with each other.
/// </summary>
internal static class ClockInspection
{
    private const ulong HpetConfiguration = 0x10;
    private const ulong HpetEnable = 1;
    private const int ApicTimerVector = 0x320;
    private const uint ApicMaskedPeriodic = 0x3_0000;
    private const int ApicTimerDivide = 0x3E0;
    private const int ApicTimerInitialCount = 0x380;
    private const uint ApicDivideByOne = 0xB;
    private const ulong PitPeriod = 65_536;

    /// <summary>Reads the clocks.</summary>
    /// <param name="choice">The machine.</param>
    /// <param name="at">Simulated time since reset.</param>
    /// <param name="oscillators">How far the oscillators are off.</param>
    public static IReadOnlyList<ClockView> Read(MachineChoice choice, Seconds at, OscillatorErrors oscillators)
    {
        MachineSpec spec = new()
        {
            Model = choice.Model,
            Cores = choice.Cores,
            MemoryBytes = choice.MemoryBytes,
            Flash = FlashImage.Build([], []),
            Engine = EngineKind.Functional,
            Oscillators = oscillators,
        };
        using Machine machine = new(spec, new SilentHost(), Running.DetailedEngines.Plain(choice.Model, choice.Cores));
        machine.Hpet.WriteMemory(HpetConfiguration, 4, HpetEnable);
        machine.Cores[0].Apic.WriteRegister(ApicTimerVector, ApicMaskedPeriodic);
        machine.Cores[0].Apic.WriteRegister(ApicTimerDivide, ApicDivideByOne);
        machine.Cores[0].Apic.WriteRegister(ApicTimerInitialCount, uint.MaxValue);
        machine.Events.RunUntil(SimTime.Zero + SimDuration.FromFemtoseconds((Int128)at.Nanoseconds * SimDuration.FemtosecondsPerNanosecond));

        ClockTree clocks = machine.Clocks;
        SimTime now = machine.Now;
        ulong pit = PitPeriod - clocks.Pit.TicksAt(now) % PitPeriod;
        return
        [
            .. Counters(machine, machine.Cores[0], now, "local APIC timer (divide by 1)"),
            Counter("PIT counter 0 (mode 2, 65536)", "FCH", clocks.Pit, 16, true, pit),
            Calendar(machine, clocks),
        ];
    }

    /// <summary>The counters of a machine as its software has left them, seen from one of its cores. Nothing of it changes.</summary>
    /// <param name="machine">The machine, which stands still.</param>
    /// <param name="core">The core whose time-stamp counter and local APIC are shown.</param>
    /// <param name="now">The core's time, not before the machine's.</param>
    public static IReadOnlyList<ClockView> Of(Machine machine, MachineCore core, SimTime now) =>
        machine.Events.Suppose(now, () => Counters(machine, core, now, "local APIC timer"));

    private static ClockView[] Counters(Machine machine, MachineCore core, SimTime now, string timer)
    {
        ClockTree clocks = machine.Clocks;
        return
        [
            Counter("TSC", "REFCLK", clocks.Core, 64, false, core.Context.TscAt(clocks.Core.TicksAt(now))),
            Counter(timer, "REFCLK", clocks.Refclk, 32, true, core.Apic.TimerCount),
            Counter("HPET MAIN_CNT", "FCH", clocks.Hpet, machine.Hpet.CounterWidth, false, machine.Hpet.Counter),
            Counter("ACPI PM_TMR", "FCH", clocks.PowerManagementTimer, 24, false, machine.PowerManagement.TimerValue),
        ];
    }

    private static ClockView Counter(string name, string oscillator, ClockDomain clock, int bits, bool down, ulong value) =>
        new(name, oscillator, clock.Actual, bits, down, value, value.ToString(CultureInfo.InvariantCulture));

    private static ClockView Calendar(Machine machine, ClockTree clocks) =>
        new("RTC", "RTC", clocks.Rtc.Actual, 0, false, 0, machine.Rtc.Shown is { } time
            ? string.Create(CultureInfo.InvariantCulture, $"{time.Year:D4}-{time.Month:D2}-{time.Day:D2} {time.Hour:D2}:{time.Minute:D2}:{time.Second:D2}")
            : "stopped");
}
