using System.Runtime.CompilerServices;
using CoSim.Firmware.Acpi;
using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>What the processor's MSRs tell of its P-states and C-states (AMD PPR for family 17h model 31h, MSRs C001_0064h and C001_0073h).</summary>
public static unsafe class PowerStates
{
    private const uint CStateBase = 0xC0010073, Definitions = 8;

    /// <summary>Reading this far above the base enters C2 (the first two ports are those of C1).</summary>
    private const uint C2Offset = 1;

    private static StateList s_states;

    [InlineArray((int)Definitions)] private struct StateList { private PowerState _first; }

    /// <summary>Fills in the C2 port and the P-states. On a machine without these MSRs there are none.</summary>
    public static void Read(ref AcpiSpec spec)
    {
        uint port = (uint)Machine.Rdmsr(CStateBase) & 0xFFFF;
        spec.C2Port = port == 0 ? 0 : port + C2Offset;
        spec.PowerStates = (PowerState*)Unsafe.AsPointer(ref s_states);
        spec.PowerStateCount = 0;
        for (uint i = 0; i < Definitions; i++)
        {
            ulong definition = Machine.Rdmsr(Msr.PState0 + i);
            uint fid = (uint)definition & 0xFF, did = (uint)(definition >> 8) & 0x3F;
            if (definition >> 63 == 0 || did == 0) continue;
            PowerState* state = spec.PowerStates + spec.PowerStateCount++;
            state->Megahertz = 200 * fid / did;
            state->Milliwatts = Power(definition);
            state->Number = i;
        }
    }

    /// <summary>Voltage 1.55 V - 6.25 mV * CpuVid, current IddValue / 10^IddDiv A.</summary>
    private static uint Power(ulong definition)
    {
        uint vid = (uint)(definition >> 14) & 0xFF, current = (uint)(definition >> 22) & 0xFF, divider = (uint)(definition >> 30) & 3;
        uint milliwatts = (155_000 - 625 * vid) * current / 100;
        for (; divider > 0; divider--) milliwatts /= 10;
        return milliwatts;
    }
}
