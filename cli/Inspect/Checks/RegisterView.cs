using System.Buffers.Binary;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>
/// A machine's registers as its own software reads and writes them, at instants of simulated time between which no guest code runs. An
/// access takes no time, so that reads at one instant belong together.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class RegisterView(Machine machine)
{
    private const ushort CmosIndex = 0x70, CmosData = 0x71;
    private const uint FirstApicMsr = 0x800;
    private const ulong ExtendedMode = 1 << 10;

    /// <summary>The machine.</summary>
    public Machine Machine => machine;

    /// <summary>Number of cores.</summary>
    public int Cores => machine.Cores.Count;

    /// <summary>The present.</summary>
    public SimTime Now => machine.Now;

    /// <summary>Lets time pass.</summary>
    public void Pass(SimDuration span) => machine.Events.RunUntil(machine.Now + span);

    /// <summary>Reads a device's register in memory, of 1, 2, 4 or 8 bytes.</summary>
    public ulong Device(ulong address, int size) => machine.Mmio.Read(address, size, out SimDuration _);

    /// <summary>Writes a device's register in memory.</summary>
    public void SetDevice(ulong address, int size, ulong value) => machine.Mmio.Write(address, size, value, out SimDuration _);

    /// <summary>Reads a port of 1, 2 or 4 bytes.</summary>
    public uint Port(ushort port, int size) => machine.Ports.Read(port, size, out SimDuration _);

    /// <summary>Writes a port of one byte.</summary>
    public void SetPort(ushort port, byte value) => machine.Ports.Write(port, sizeof(byte), value, out SimDuration _);

    /// <summary>Reads a byte of the RTC.</summary>
    public byte Cmos(byte index)
    {
        SetPort(CmosIndex, index);
        return (byte)Port(CmosData, sizeof(byte));
    }

    /// <summary>What RDTSC gives on a core now, also while it is halted.</summary>
    public ulong Tsc(int core) => machine.Cores[core].Context.TscAt(Math.Max(machine.Cores[core].Cycle, machine.Clocks.Core.TicksAt(machine.Now)));

    /// <summary>What RDMSR gives on a core.</summary>
    public ulong Msr(int core, uint number) => machine.ReadMsr(core, number);

    /// <summary>What CPUID gives on a core.</summary>
    public CpuidResult Cpuid(int core, uint leaf) => machine.Cores[core].Context.Cpuid.Query(leaf, 0);

    /// <summary>Whether a core's local APIC is in x2APIC mode: its registers are MSRs then (AMD APM volume 2, 16.9).</summary>
    public bool IsX2Apic(int core) => (Msr(core, MsrNumbers.ApicBase) & ExtendedMode) != 0;

    /// <summary>Reads a register of a core's local APIC, in either mode.</summary>
    public uint Apic(int core, int offset) => !IsX2Apic(core) ? machine.Cores[core].Apic.ReadRegister(offset)
        : machine.Cores[core].Apic.TryReadMsr(ApicMsr(offset), out ulong value) ? (uint)value : 0;

    /// <summary>Writes a register of a core's local APIC, in either mode.</summary>
    public void SetApic(int core, int offset, uint value)
    {
        if (IsX2Apic(core))
            _ = machine.Cores[core].Apic.TryWriteMsr(ApicMsr(offset), value);
        else
            machine.Cores[core].Apic.WriteRegister(offset, value);
    }

    private static uint ApicMsr(int offset) => FirstApicMsr + ((uint)offset >> 4);

    /// <summary>Bytes of memory; none where there is no memory.</summary>
    public byte[] Memory(ulong address, int length)
    {
        if (length <= 0 || !machine.Memory.IsMemory(address, length))
            return [];
        byte[] bytes = new byte[length];
        machine.Memory.Read(address, bytes);
        return bytes;
    }

    /// <summary>A little-endian number in a table; 0 beyond its end.</summary>
    public static ulong Field(byte[] table, int offset, int size)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        if (offset + size <= table.Length)
            table.AsSpan(offset, size).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
