namespace CoSim.Firmware.Acpi;

/// <summary>A P-state as _PSS tells it.</summary>
public struct PowerState
{
    /// <summary>Reading this far above CStateBaseAddr (MSR C001_0073h) enters C2; the first port is C1's.</summary>
    public const uint C2Offset = 1;
    /// <summary>How many definitions a processor has, from MSR C001_0064h on.</summary>
    public const int Definitions = 8;

    /// <summary>Core frequency in MHz.</summary>
    public uint Megahertz;
    /// <summary>Power of a core in mW.</summary>
    public uint Milliwatts;
    /// <summary>Its number: what is written to PSTATE_CTL and read from PSTATE_STAT.</summary>
    public uint Number;

    /// <summary>
    /// Reads a definition (AMD PPR for family 17h model 31h, MSR C001_0064h): the frequency is 200 MHz * CpuFid / CpuDfsId, the power
    /// (1.55 V - 6.25 mV * CpuVid) * IddValue / 10^IddDiv A.
    /// </summary>
    /// <param name="definition">The MSR's value.</param>
    /// <param name="number">Which of the definitions it is.</param>
    /// <param name="state">The P-state.</param>
    /// <returns>False when the definition is not enabled.</returns>
    public static bool TryRead(ulong definition, uint number, out PowerState state)
    {
        state = default;
        uint fid = (uint)definition & 0xFF, did = (uint)(definition >> 8) & 0x3F;
        if (definition >> 63 == 0 || did == 0) return false;
        uint vid = (uint)(definition >> 14) & 0xFF, current = (uint)(definition >> 22) & 0xFF, divider = (uint)(definition >> 30) & 3;
        uint milliwatts = (155_000 - 625 * vid) * current / 100;
        for (; divider > 0; divider--) milliwatts /= 10;
        state.Megahertz = 200 * fid / did;
        state.Milliwatts = milliwatts;
        state.Number = number;
        return true;
    }
}
