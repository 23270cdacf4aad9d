using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>
/// Where a board's hardware differs from a Rome board that works, and what its counters show when it leaves reset. What firmware does wrong
/// is not here: it is in the flash, and firmware does it.
/// </summary>
public sealed record MachineQuirks
{
    /// <summary>The pin of the IO-APIC that IRQ 0 is wired to on a Rome board, as the MADT's override says.</summary>
    public const int UsualTimerPin = 2;

    /// <summary>A board that works, just out of reset.</summary>
    public static readonly MachineQuirks None = new();

    /// <summary>
    /// REFCLK ticks (10 ns) since the last reset of the system when the simulation begins: the machine has been up so long, and the
    /// operating system that starts now follows another one without a reset. The TSC of every core has counted as long.
    /// </summary>
    public ulong ReferenceUptime { get; init; }

    /// <summary>
    /// Depth of REFCLK's down-spread in ppb, 0 to 10^7: the clock is modulated between 0 and this far below its rate, 31,250 times a second
    /// (<see cref="SpreadSpectrum"/>), so that it lags by half of it in the mean; TSC and local APIC timers with it.
    /// </summary>
    public int RefclkSpread { get; init; }

    /// <summary>The HPET.</summary>
    public HpetQuirks Hpet { get; init; } = HpetQuirks.None;

    /// <summary>The ACPI PM timer.</summary>
    public PowerTimerQuirks PowerTimer { get; init; } = PowerTimerQuirks.None;

    /// <summary>The pin of the IO-APIC that IRQ 0 (PIT or HPET comparator 0) is wired to, 0 to 23; -1 for none. The 8259 has it always.</summary>
    public int TimerPin { get; init; } = UsualTimerPin;

    /// <summary>Whether that wire is low when the timer asks.</summary>
    public bool TimerPinActiveLow { get; init; }

    /// <summary>
    /// Whether the 8259's output is wired to LINT0 and pin 0 at all: a board without it has no virtual wire mode.
    /// </summary>
    public bool PicWired { get; init; } = true;

    /// <summary>REFCLK ticks in a span of nominal time, for <see cref="ReferenceUptime"/>.</summary>
    public static ulong ReferenceTicks(SimDuration span) => Frequency.FromMegahertz(100).TicksIn((UInt128)span.Femtoseconds);
}

/// <summary>How an HPET differs from the FCH's.</summary>
public sealed record HpetQuirks
{
    /// <summary>The FCH's.</summary>
    public static readonly HpetQuirks None = new();

    /// <summary>Physical address at which the block answers, a multiple of 1 KiB; 0 for the usual FED00000h.</summary>
    public ulong BaseAddress { get; init; }

    /// <summary>Whether the block answers at all out of reset (PM register 00h, HPET_EN).</summary>
    public bool Absent { get; init; }

    /// <summary>The counter does not count, though it can be enabled.</summary>
    public bool CounterStuck { get; init; }

    /// <summary>COUNTER_CLK_PERIOD as the register shows it, in femtoseconds; 0 for the true one, 69841279.</summary>
    public uint PeriodFemtoseconds { get; init; }

    /// <summary>Whether the period reads as 0, which no driver can use.</summary>
    public bool PeriodZero { get; init; }

    /// <summary>Bits of GEN_CONF that read as ones whatever is written.</summary>
    public ulong UnknownConfiguration { get; init; }

    /// <summary>Counter ticks (70 ns) after which a value written to a comparator can match; null for the FCH's 2.</summary>
    public uint? ComparatorLatchTicks { get; init; }

    /// <summary>The first read of a comparator after a write shows the old value.</summary>
    public bool StaleReadBack { get; init; }

    /// <summary>What a read costs; null for the usual 900 ns.</summary>
    public SimDuration? ReadLatency { get; init; }

    /// <summary>Value of the counter out of reset, 64 bits.</summary>
    public ulong InitialCounter { get; init; }
}

/// <summary>How an ACPI PM timer differs from the FCH's.</summary>
public sealed record PowerTimerQuirks
{
    /// <summary>The FCH's.</summary>
    public static readonly PowerTimerQuirks None = new();

    /// <summary>The timer does not count.</summary>
    public bool Stuck { get; init; }

    /// <summary>Reads near a tick are torn.</summary>
    public bool Unlatched { get; init; }

    /// <summary>The timer runs at <see cref="RateMultiply"/>/<see cref="RateDivide"/> of 3.579545 MHz; each 1 to 1000.</summary>
    public uint RateMultiply { get; init; } = 1;

    /// <summary>See <see cref="RateMultiply"/>.</summary>
    public uint RateDivide { get; init; } = 1;

    /// <summary>Value of the counter when the machine starts.</summary>
    public uint InitialCount { get; init; }

    /// <summary>What a read costs; null for the usual 1000 ns.</summary>
    public SimDuration? ReadLatency { get; init; }
}
