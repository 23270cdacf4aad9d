using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>What the ACPI power management block is made of.</summary>
public sealed record PmSpec
{
    /// <summary>3.579545 MHz.</summary>
    public required ClockDomain TimerClock { get; init; }

    /// <summary>Width of PM_TMR: 24, or 32 when the FADT says TMR_VAL_EXT.</summary>
    public int TimerBits { get; init; } = 24;

    /// <summary>Value of PM_TMR when the machine starts.</summary>
    public uint InitialTimer { get; init; }

    /// <summary>PM_TMR shows its start value for ever: its clock is gated. A fault; false in hardware that works.</summary>
    public bool TimerStuck { get; init; }

    /// <summary>
    /// Reads of PM_TMR are not latched: one that falls into the last 3 ns before a tick shows a mixture of the old count and the new one,
    /// as in Intel's PIIX4 and ICH4 (Linux, drivers/clocksource/acpi_pm.c). False in the FCH.
    /// </summary>
    public bool TimerUnlatched { get; init; }

    /// <summary>First port of the block; the FCH's firmware puts it at 800h.</summary>
    public ushort BasePort { get; init; } = 0x800;

    /// <summary>SLP_TYP of S5.</summary>
    public int PowerOffType { get; init; } = 5;

    /// <summary>SLP_TYP of S3.</summary>
    public int SuspendType { get; init; } = 3;
}
