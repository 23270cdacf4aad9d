using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Apic;

/// <summary>The indirect registers of an IO-APIC, at offset 4 times their index (82093AA data sheet, 3.2).</summary>
public static class IoApicRegisters
{
    /// <summary>Direct registers: byte offsets within the 4 KiB page.</summary>
    public const int Select = 0x00;
    public const int Window = 0x10;
    public const int PinAssertion = 0x20;
    public const int EndOfInterrupt = 0x40;

    /// <summary>Indices.</summary>
    public const int IdIndex = 0x00;
    public const int VersionIndex = 0x01;
    public const int ArbitrationIndex = 0x02;
    public const int FirstEntryIndex = 0x10;

    /// <summary>The table for a number of pins, with the ID's usual width.</summary>
    public static RegisterTable<IoApic> For(int pins) => For(pins, new IoApicSpec().IdBits);

    /// <summary>The table for a number of pins and a width of the ID.</summary>
    public static RegisterTable<IoApic> For(int pins, int idBits) => new(
        "IO-APIC",
        (FirstEntryIndex + (2 * pins)) * 4,
        new() { Name = "IOAPICID", Offset = IdIndex * 4, Bytes = 4, Fields = [Rw("ID", 24, idBits, "APIC ID")] },
        new()
        {
            Name = "IOAPICVER",
            Offset = VersionIndex * 4,
            Bytes = 4,
            Fields = [Ro("VERSION", 0, 8, "20h and above have an EOI register"), Ro("MRE", 16, 8, "highest entry")],
            Read = static (a, _) => a.VersionValue,
        },
        new()
        {
            Name = "IOAPICARB",
            Offset = ArbitrationIndex * 4,
            Bytes = 4,
            Fields = [Ro("ARB", 24, 4, "follows the ID")],
            Read = static (a, _) => a.ArbitrationValue,
        },
        new()
        {
            Name = "IOREDTBL",
            Offset = FirstEntryIndex * 4,
            Bytes = 8,
            Count = pins,
            Stride = 8,
            Reset = 1 << 16,
            Fields =
            [
                Rw("INTVEC", 0, 8, "vector"),
                Rw("DELMOD", 8, 3, "delivery mode"),
                Rw("DESTMOD", 11, 1, "logical destination"),
                Ro("DELIVS", 12, 1, "delivery status: messages never wait here"),
                Rw("INTPOL", 13, 1, "active low"),
                Ro("RIRR", 14, 1, "remote IRR: accepted, not completed"),
                Rw("TGM", 15, 1, "level"),
                Rw("MASK", 16, 1, "masked"),
                Rw("DEST", 56, 8, "destination"),
            ],
            Read = static (a, n) => a.EntryValue(n),
            Write = static (IoApic a, int n, in RegisterWrite w) => a.WriteEntry(n, w.New),
        });
}
