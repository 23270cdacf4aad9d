using CoSim.Hw.Simulation;

namespace CoSim.Hw.Apic;

/// <summary>What a local APIC is made of; the defaults are those of family 17h, models 30h to 3Fh.</summary>
public sealed record LocalApicSpec
{
    /// <summary>The initial APIC ID, 0 to FEh in xAPIC mode.</summary>
    public required uint Id { get; init; }

    /// <summary>Whether this is the boot processor's: APIC_BASE bit 8.</summary>
    public required bool BootProcessor { get; init; }

    /// <summary>What the timer counts before division: the 100 MHz REFCLK.</summary>
    public required ClockDomain TimerClock { get; init; }

    /// <summary>
    /// APIC version register: bit 31 extended space, bit 24 directed EOI, 23:16 highest LVT entry, 7:0 version 10h.
    /// </summary>
    public uint Version { get; init; } = 0x8105_0010;

    /// <summary>Physical address bits; APIC_BASE bits above are reserved.</summary>
    public int PhysicalAddressBits { get; init; } = 48;
}

/// <summary>How interrupt messages travel. No published measurement of Zen 2 exists for this; it is a single named parameter.</summary>
public sealed record InterruptFabricSpec
{
    /// <summary>From the write that sends a message to its acceptance by another local APIC.</summary>
    public SimDuration MessageLatency { get; init; } = SimDuration.FromNanoseconds(250);
}

/// <summary>What an IO-APIC is made of; the defaults are the FCH's.</summary>
public sealed record IoApicSpec
{
    /// <summary>Name in snapshots and logs: <c>ioapic0</c>.</summary>
    public string Name { get; init; } = "ioapic0";

    /// <summary>The APIC ID out of reset, 0 to FFh.</summary>
    public byte Id { get; init; }

    /// <summary>
    /// Width of the ID, from bit 24 on. The 82093AA has 4 bits (3.2.1), and so have AMD's older south bridges (SB600 Register Reference Manual,
    /// 4.5.2); firmware of EPYC Rome numbers this IO-APIC 128, which takes 8.
    /// </summary>
    public int IdBits { get; init; } = 8;

    /// <summary>Version register bits 7:0.</summary>
    public byte Version { get; init; } = 0x21;

    /// <summary>Number of pins, 1 to 240.</summary>
    public int Pins { get; init; } = 24;

    /// <summary>
    /// Pins whose wire is low when its device asks, one bit each: a redirection entry then needs polarity 1. The board's SCI
    /// (pin 9) and PCI interrupts (16 to 23) are so wired.
    /// </summary>
    public ulong ActiveLowPins { get; init; } = 0x00FF_0200;

    /// <summary>Whether an edge on a masked pin is remembered until the pin is unmasked. The 82093AA loses it.</summary>
    public bool RemembersMaskedEdges { get; init; }

    /// <summary>Cost of an access over the fabric to the FCH.</summary>
    public AccessLatency Latency { get; init; } = new(SimDuration.FromNanoseconds(700), SimDuration.FromNanoseconds(90));
}
