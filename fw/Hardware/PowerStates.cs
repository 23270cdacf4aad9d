using System.Runtime.CompilerServices;
using CoSim.Firmware.Acpi;
using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>What the processor's MSRs tell of its P-states and C-states (AMD PPR for family 17h model 31h, MSRs C001_0064h and C001_0073h).</summary>
public static unsafe class PowerStates
{
    private const uint CStateBase = 0xC0010073;

    private static StateList s_states;

    [InlineArray(PowerState.Definitions)] private struct StateList { private PowerState _first; }

    /// <summary>Fills in the C2 port and the P-states. On a machine without these MSRs there are none.</summary>
    public static void Read(ref AcpiSpec spec)
    {
        uint port = (uint)Machine.Rdmsr(CStateBase) & 0xFFFF;
        spec.C2Port = port == 0 ? 0 : port + PowerState.C2Offset;
        spec.PowerStates = (PowerState*)Unsafe.AsPointer(ref s_states);
        spec.PowerStateCount = 0;
        for (uint i = 0; i < PowerState.Definitions; i++)
        {
            if (PowerState.TryRead(Machine.Rdmsr(Msr.PState0 + i), i, out PowerState state)) spec.PowerStates[spec.PowerStateCount++] = state;
        }
    }
}
