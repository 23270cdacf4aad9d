using System.Globalization;
using CoSim.Cli.Scenarios.Shapes;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios;

/// <summary>What the quirks of a scenario's board and firmware look like.</summary>
internal static class QuirkShapes
{
    private const long LastPin = 23, MostRefclkTicks = 1L << 56, MostSpread = 10_000_000;

    private static readonly Shape<bool> Flag = new FlagShape();

    private static readonly Shape<HpetQuirks> Hpet = new RecordShape<HpetQuirks>(_ => HpetQuirks.None)
        .May("base", FaultShapes.Hexadecimal, "Physical address at which the block answers.", (h, v) => h with { BaseAddress = v })
        .May("absent", Flag, "Whether it does not answer at all.", (h, v) => h with { Absent = v })
        .May("stuck", Flag, "Whether the counter does not count.", (h, v) => h with { CounterStuck = v })
        .May("period-fs", new IntegerShape(0, uint.MaxValue), "The period register, in femtoseconds.", (h, v) => h with { PeriodFemtoseconds = (uint)v, PeriodZero = v == 0 })
        .May("unknown-bits", FaultShapes.Hexadecimal, "Bits of GEN_CONF that read as ones whatever is written.", (h, v) => h with { UnknownConfiguration = v })
        .May("latch-ticks", new IntegerShape(0, 1_000_000), "Ticks after a comparator write before the value can match.", (h, v) => h with { ComparatorLatchTicks = (uint)v })
        .May("stale-read-back", Flag, "Whether the first read of a comparator after a write shows the old value.", (h, v) => h with { StaleReadBack = v })
        .May("read-latency", ScenarioShapes.Duration, "What a read costs.", (h, v) => h with { ReadLatency = v })
        .May("counter", FaultShapes.Hexadecimal, "The counter out of reset.", (h, v) => h with { InitialCounter = v });

    private static readonly Shape<PowerTimerQuirks> PowerTimer = new RecordShape<PowerTimerQuirks>(_ => PowerTimerQuirks.None)
        .May("stuck", Flag, "Whether the timer does not count.", (p, v) => p with { Stuck = v })
        .May("unlatched", Flag, "Whether reads near a tick are torn.", (p, v) => p with { Unlatched = v })
        .May("rate", new PatternShape<(uint Multiply, uint Divide)>("^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$", "a ratio such as 2/1", TryRatio), "Its rate as a part of 3.579545 MHz.", (p, v) => p with { RateMultiply = v.Multiply, RateDivide = v.Divide })
        .May("count", new IntegerShape(0, uint.MaxValue), "The counter when the machine starts.", (p, v) => p with { InitialCount = (uint)v })
        .May("read-latency", ScenarioShapes.Duration, "What a read costs.", (p, v) => p with { ReadLatency = v });

    /// <summary>A board.</summary>
    public static readonly Shape<MachineQuirks> Board = new RecordShape<MachineQuirks>(_ => MachineQuirks.None)
        .May("refclk-uptime", new IntegerShape(0, MostRefclkTicks), "REFCLK ticks (10 ns) since the last system reset when the simulation begins; the TSCs have counted as long.", (q, v) => q with { ReferenceUptime = (ulong)v })
        .May("refclk-spread-ppb", new IntegerShape(0, MostSpread), "Depth of REFCLK's down-spread, in parts per billion.", (q, v) => q with { RefclkSpread = (int)v })
        .May("hpet", Hpet, "How the HPET differs from the FCH's.", (q, v) => q with { Hpet = v })
        .May("pm-timer", PowerTimer, "How the ACPI PM timer differs from the FCH's.", (q, v) => q with { PowerTimer = v })
        .May("timer-pin", new IntegerShape(-1, LastPin), "The IO-APIC pin that IRQ 0 is wired to; -1 for none.", (q, v) => q with { TimerPin = (int)v })
        .May("timer-pin-active-low", Flag, "Whether that wire is low when the timer asks.", (q, v) => q with { TimerPinActiveLow = v })
        .May("pic-wired", Flag, "Whether the 8259's output is wired to LINT0 and pin 0.", (q, v) => q with { PicWired = v });

    /// <summary>Firmware.</summary>
    public static readonly Shape<FirmwareSettings> Firmware = new RecordShape<FirmwareSettings>(_ => FirmwareSettings.None)
        .May("hpet-table", Flag, "Whether there is an HPET table.", (f, v) => f with { HpetTable = v })
        .May("hpet-base", FaultShapes.Hexadecimal, "The address in the HPET table.", (f, v) => f with { HpetTableAddress = v })
        .May("hpet-space", new IntegerShape(0, byte.MaxValue), "The address space in the HPET table: 0 memory, 1 ports.", (f, v) => f with { HpetTableSpace = (byte)v })
        .May("hpet-config", FaultShapes.Hexadecimal, "What firmware leaves in GEN_CONF: bit 0 runs, bit 1 legacy replacement.", (f, v) => f with { HpetConfiguration = v })
        .May("hpet-wide", Flag, "Whether firmware makes the HPET 64 bits wide.", (f, v) => f with { HpetWide = v })
        .May("timer-input", new IntegerShape(-1, LastPin), "The IO-APIC input that the MADT names for IRQ 0; -1 for no override.", (f, v) => f with { TimerInput = (int)v })
        .May("timer-flags", new IntegerShape(0, ushort.MaxValue), "The flags of that override.", (f, v) => f with { TimerFlags = (ushort)v })
        .May("tsc-others", new IntegerShape(0, long.MaxValue), "What firmware writes to the TSC of every application processor when it starts.", (f, v) => f with { OtherTscs = (ulong)v })
        .May("tsc-boot-move", new IntegerShape(long.MinValue, long.MaxValue), "Ticks by which firmware moves the boot processor's TSC after that.", (f, v) => f with { BootTscMove = v })
        .May("smm", Flag, "Whether firmware installs a handler of SMIs; it does unless this is false where a fault's SMI says 'handler: firmware'.", (f, v) => f with { SmmHandler = v })
        .May("cc6", Flag, "Whether firmware allows CC6 on every core.", (f, v) => f with { DeepIdle = v })
        .May("x2apic", Flag, "Whether firmware leaves every local APIC in x2APIC mode.", (f, v) => f with { X2Apic = v });

    private static bool TryRatio(string text, out (uint Multiply, uint Divide) value)
    {
        string[] parts = text.Split('/');
        value = (uint.Parse(parts[0], CultureInfo.InvariantCulture), uint.Parse(parts[1], CultureInfo.InvariantCulture));
        return true;
    }
}
