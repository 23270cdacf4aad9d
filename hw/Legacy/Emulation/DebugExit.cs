using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// The exit port of QEMU's test kernels: a value written to ports F4h to F7h ends the machine with the status
/// (value &lt;&lt; 1) | 1, so that a status of 0 always means a power-off. Reads are 0.
/// </summary>
/// <remarks>Source: QEMU 7.2, device <c>isa-debug-exit</c> with <c>iobase=0xf4,iosize=4</c>; the status was compared with QEMU's.</remarks>
/// <param name="exit">Hears of the status, 1 to 255 and odd: what a process of the host can end with.</param>
public sealed class DebugExit(Action<byte> exit) : IPortDevice
{
    private const ushort FirstPort = 0xF4;
    private const int PortCount = 4;

    /// <summary>Puts the four ports on the bus.</summary>
    public void Map(PortBus bus) => bus.Map("debug-exit", FirstPort, PortCount, this, LegacyLatency.Internal);

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => 0;

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value) => exit((byte)((value << 1) | 1));
}
