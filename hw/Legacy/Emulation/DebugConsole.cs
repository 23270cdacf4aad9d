using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// A port that takes text: firmware written for QEMU logs at port 402h, and takes the device for present when a read gives E9h.
/// </summary>
/// <remarks>Source: QEMU 7.2, device <c>isa-debugcon</c> with <c>iobase=0x402</c>.</remarks>
/// <param name="port">The port.</param>
/// <param name="write">Gets each byte.</param>
public sealed class DebugConsole(ushort port, Action<byte> write) : IPortDevice
{
    /// <summary>The port that SeaBIOS and OVMF write.</summary>
    public const ushort FirmwarePort = 0x402;

    private const byte Present = 0xE9;

    /// <summary>Puts the port on the bus.</summary>
    public void Map(PortBus bus) => bus.Map("debugcon", port, 1, this, LegacyLatency.Internal);

    /// <inheritdoc/>
    public uint ReadPort(ushort at, int size) => Present | (size == 1 ? 0 : size == 2 ? 0xFF00U : 0xFFFF_FF00U);

    /// <inheritdoc/>
    public void WritePort(ushort at, int size, uint value) => write((byte)value);
}
