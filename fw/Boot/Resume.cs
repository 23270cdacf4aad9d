using System.Runtime;
using System.Runtime.CompilerServices;
using CoSim.Firmware.Hardware;

namespace CoSim.Firmware.Boot;

/// <summary>The way back to an operating system that suspended to RAM (ACPI Specification 6.3, section 16.3.1).</summary>
public static unsafe class Resume
{
    private const uint FacsSignature = 0x53434146; // "FACS"
    private const uint FacsOffset = 64, WakingVector = 12;
    private const uint OneMiB = 0x100000;

    [RuntimeImport("wake_handoff"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Handoff(uint vector);

    /// <summary>
    /// Jumps to the waking vector in the FACS. Comes back when there is none, so that the machine boots anew: what was in memory was
    /// not a suspended operating system.
    /// </summary>
    /// <param name="tables">Where the last boot wrote its ACPI tables; the FACS is 64 bytes further.</param>
    public static void Enter(ulong tables)
    {
        byte* facs = (byte*)tables + FacsOffset;
        uint vector = *(uint*)(facs + WakingVector);
        if (*(uint*)facs != FacsSignature || vector == 0 || vector >= OneMiB) return;
        Handoff(vector);
    }
}
