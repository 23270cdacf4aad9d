using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>What port accesses cost. uops.info measured IN at 5.2 to 15 k and OUT at 5.4 to 16 k cycles on Zen 2 at about 3.6 GHz: 1.5 to 4 us.</summary>
public static class LegacyLatency
{
    /// <summary>Devices inside the FCH: PM block, PIT, PIC, RTC, configuration ports.</summary>
    public static AccessLatency Internal { get; } = new(SimDuration.FromNanoseconds(1000), SimDuration.FromNanoseconds(1000));

    /// <summary>Devices behind the LPC bus: the UART, the POST port.</summary>
    public static AccessLatency Lpc { get; } = new(SimDuration.FromNanoseconds(1500), SimDuration.FromNanoseconds(1500));

    /// <summary>PCI configuration space through MMCONFIG.</summary>
    public static AccessLatency Configuration { get; } = new(SimDuration.FromNanoseconds(500), SimDuration.FromNanoseconds(200));
}
