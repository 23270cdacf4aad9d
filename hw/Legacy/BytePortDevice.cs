using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>A device behind the LPC or X bus, which moves one byte at a time: wider accesses become byte accesses at ascending ports.</summary>
public abstract class BytePortDevice : IPortDevice
{
    public uint ReadPort(ushort port, int size)
    {
        uint value = 0;
        for (int i = 0; i < size; i++)
        {
            value |= (uint)ReadByte((ushort)(port + i)) << (i * 8);
        }

        return value;
    }

    public void WritePort(ushort port, int size, uint value)
    {
        for (int i = 0; i < size; i++)
        {
            WriteByte((ushort)(port + i), (byte)(value >> (i * 8)));
        }
    }

    /// <summary>Reads one port; ports that are not the device's own read FFh.</summary>
    protected abstract byte ReadByte(ushort port);

    /// <summary>Writes one port; lost at ports that are not the device's own.</summary>
    protected abstract void WriteByte(ushort port, byte value);
}
