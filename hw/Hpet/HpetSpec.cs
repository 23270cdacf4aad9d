using CoSim.Hw.Simulation;

namespace CoSim.Hw.Hpet;

/// <summary>What an HPET is made of; the defaults are the FCH's of EPYC 7002.</summary>
public sealed record HpetSpec
{
    /// <summary>The oscillator of the main counter: 14.318180 MHz from the FCH's 48 MHz crystal.</summary>
    public required ClockDomain Clock { get; init; }

    /// <summary>COUNTER_CLK_PERIOD in femtoseconds. The FCH says 69841279 (14.3181799 MHz). At most 100000000.</summary>
    public uint PeriodFemtoseconds { get; init; } = 69_841_279;

    /// <summary>Number of comparators, 1 to 32.</summary>
    public int Timers { get; init; } = 3;

    /// <summary>GCAP_ID bits 31:16.</summary>
    public ushort VendorId { get; init; } = 0x1022;

    /// <summary>GCAP_ID bits 7:0; at least 1.</summary>
    public byte Revision { get; init; } = 1;

    /// <summary>Whether the counter and comparators are 64 bits wide out of reset (PM register 00h, WIDTH_SEL, changes it later).</summary>
    public bool Wide { get; init; }

    /// <summary>Whether the decoder answers out of reset (PM register 00h, HPET_EN, changes it later).</summary>
    public bool DecodeEnabled { get; init; } = true;

    /// <summary>Which comparators can be periodic, one bit each.</summary>
    public uint PeriodicTimers { get; init; } = uint.MaxValue;

    /// <summary>IO-APIC pins that comparators can be routed to (Tn_INT_ROUTE_CAP), one bit each.</summary>
    public uint RouteCapability { get; init; } = 0x00C0_0000;

    /// <summary>
    /// Counter ticks after a comparator write before the new value can match. Southbridges of ATI and Intel need up to 2; later
    /// AMD ones more. A value that the counter passes meanwhile is missed until the counter wraps.
    /// </summary>
    public uint ComparatorLatchTicks { get; init; } = 2;

    /// <summary>The counter does not count although ENABLE_CNF is set: its clock is gated. A fault; false in hardware that works.</summary>
    public bool CounterStuck { get; init; }

    /// <summary>Bits of GEN_CONF that read as ones whatever is written. A fault, or bits that no specification names; 0 in the FCH.</summary>
    public ulong UnknownConfiguration { get; init; }

    /// <summary>
    /// Whether the first read of a comparator after a write shows the value before the write, as southbridges of Intel (ICH9, ICH10) do
    /// (Linux, "x86: hpet: Work around hardware stupidity", 54ff7e595d76).
    /// </summary>
    public bool StaleReadBack { get; init; }

    /// <summary>Value of the halted counter out of reset; zero in hardware, other values preset an uptime.</summary>
    public ulong InitialCounter { get; init; }

    /// <summary>
    /// Cost of an access. Reading the counter takes about 1 us on Zen 2: clock_gettime with this clocksource, a system call
    /// included, was measured at 1111 ns on a Ryzen 4800HS.
    /// </summary>
    public AccessLatency Latency { get; init; } = new(SimDuration.FromNanoseconds(900), SimDuration.FromNanoseconds(90));
}
