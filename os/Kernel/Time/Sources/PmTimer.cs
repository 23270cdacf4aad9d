using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>The ACPI PM timer: 3.579545 MHz, 24 bits wide as used here.</summary>
internal static class PmTimer
{
    internal const uint Hz = 3579545;
    internal const uint Mask = 0xFFFFFF;

    private static ushort s_port;

    internal static bool Present => s_port != 0;

    internal static uint ReadCounter() => Machine.In32(s_port) & Mask;

    /// <summary>The clocksource's read.</summary>
    internal static ulong Read() => ReadCounter();

    /// <summary>Takes the port from the FADT and checks that the counter moves forwards.</summary>
    internal static void Initialise()
    {
        s_port = (ushort)AcpiTables.Fadt.PmTimerPort;
        if (s_port == 0) return;
        for (int check = 0; check < 10; check++)
        {
            uint first = ReadCounter();
            uint second = first;
            for (int i = 0; i < 10000 && second == first; i++) second = ReadCounter();
            // Equal: it stands. Less, unless it has just wrapped: it runs backwards.
            if (second != first && (second > first || (first > Mask - 0x1000 && second < 0x1000))) continue;
            Log.Print("PM Timer running at invalid rate or standing: port 0x%x ignored"u8, s_port);
            s_port = 0;
            return;
        }
        Log.Print("ACPI: PM-Timer IO Port: 0x%x"u8, s_port);
    }
}
