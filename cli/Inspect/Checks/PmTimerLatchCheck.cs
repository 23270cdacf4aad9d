using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>Whether reads of the PM timer near a tick are whole.</summary>
internal static class PmTimerLatchCheck
{
    private const uint Mask = 0xFF_FFFF, Half = 0x80_0000;
    private const int Reads = 4000;

    /// <summary>No multiple or part of the timer's period of 279 ns: the reads fall everywhere in it.</summary>
    private static readonly SimDuration s_step = SimDuration.FromNanoseconds(101);

    /// <summary>
    /// A read gives the count of one instant (ACPI 6.3, 4.8.3.3): of two reads less than a tick apart the second is the same or one more. The
    /// PIIX4's is not latched: software has to read it until the values agree.
    /// </summary>
    public static void Add(CheckList list, RegisterView registers, ushort port)
    {
        uint before = registers.Port(port, sizeof(uint));
        int torn = 0;
        for (int read = 0; read < Reads; read++)
        {
            registers.Pass(s_step);
            uint now = registers.Port(port, sizeof(uint));
            torn += ((now - before) & Mask) >= Half ? 1 : 0;
            before = now;
        }
        list.Equal("PM timer reads that go back", "0", CheckList.Number((ulong)torn), "ACPI 6.3, 4.8.3.3");
    }
}
