using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>Delays by the TSC, whose frequency is that of P-state 0.</summary>
public static class Clock
{
    private const uint FallbackMHz = 2000;
    private const ushort DelayPort = 0x80;

    private static uint s_mhz;

    /// <summary>TSC frequency in MHz: 200 MHz * FID / DID (PPR for family 17h model 31h, MSR C001_0064).</summary>
    public static uint Mhz
    {
        get
        {
            if (s_mhz != 0) return s_mhz;
            ulong state = Machine.Rdmsr(Msr.PState0);
            uint fid = (uint)state & 0xFF, did = (uint)(state >> 8) & 0x3F;
            s_mhz = fid != 0 && did != 0 ? 200 * fid / did : FallbackMHz;
            return s_mhz;
        }
    }

    /// <summary>Waits; port accesses in between take about a microsecond each, so that few instructions pass.</summary>
    public static void Delay(uint microseconds)
    {
        ulong end = Machine.Rdtsc() + (ulong)microseconds * Mhz;
        while (Machine.Rdtsc() < end) Machine.In8(DelayPort);
    }
}
