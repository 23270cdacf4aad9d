using System.Buffers.Binary;
using CoSim.Firmware.Acpi;

namespace CoSim.Os.Loader;

/// <summary>
/// What firmware leaves in memory for an operating system, written by the host: the ACPI tables (by the same code that our firmware
/// compiles), the copy of the RSDP at E0000h, and the words of the BIOS data area that loaders and kernels look at.
/// </summary>
public static class PlatformTables
{
    private const int RsdpLength = 36;
    private const ulong BiosData = 0x400;
    private const int FirstSerialPort = 0x00, ExtendedSegment = 0x0E, BaseMemory = 0x13, BiosDataLength = 0x15;
    private const ushort Com1 = 0x3F8;

    /// <summary>Writes the tables.</summary>
    /// <param name="layout">The machine's memory.</param>
    /// <param name="cores">Processors; their APIC ids are 0 to <paramref name="cores"/> - 1.</param>
    /// <param name="ioApicId">Id of the IO-APIC.</param>
    /// <param name="power">The processors' idle and performance states.</param>
    /// <returns>The pieces; the RSDP is at the start of <see cref="MemoryLayout.Tables"/>.</returns>
    public static IEnumerable<MemoryPiece> Build(MemoryLayout layout, int cores, uint ioApicId, ProcessorPower power)
    {
        byte[] tables = Acpi(layout, cores, ioApicId, power);
        byte[] data = new byte[BiosDataLength];
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(FirstSerialPort), Com1);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(ExtendedSegment), (ushort)(MemoryLayout.ExtendedBiosData >> 4));
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(BaseMemory), (ushort)(MemoryLayout.ExtendedBiosData >> 10));
        return
        [
            new(BiosData, data),
            new(MemoryLayout.ExtendedBiosData, new byte[] { 1 }), // its length in KiB
            new(layout.Tables, tables),
            new(MemoryLayout.BiosArea, tables[..RsdpLength]),
        ];
    }

    private static unsafe byte[] Acpi(MemoryLayout layout, int cores, uint ioApicId, ProcessorPower power)
    {
        uint[] ids = [.. Enumerable.Range(0, cores).Select(n => (uint)n)];
        List<PowerState> states = [];
        for (int n = 0; n < power.Definitions.Length; n++)
        {
            if (PowerState.TryRead(power.Definitions.Span[n], (uint)n, out PowerState state))
                states.Add(state);
        }

        byte[] memory = new byte[layout.TablesCapacity];
        fixed (byte* start = memory)
        fixed (uint* first = ids)
        fixed (PowerState* fastest = states.ToArray())
        {
            AcpiSpec spec = new()
            {
                ApicIds = first,
                Processors = cores,
                IoApicId = ioApicId,
                LowMemory = layout.LowEnd,
                HasRsdt = true,
                C2Port = power.IdlePorts == 0 ? 0u : power.IdlePorts + PowerState.C2Offset,
                PowerStates = fastest,
                PowerStateCount = states.Count,
            };
            spec.DescribeTimers();
            uint used = AcpiTables.Build(start, layout.Tables, layout.TablesCapacity, in spec);
            return used != 0 ? memory[..(int)used] : throw new InvalidOperationException($"the ACPI tables of {cores} processors do not fit");
        }
    }
}
