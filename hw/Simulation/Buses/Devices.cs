namespace CoSim.Hw.Simulation;

/// <summary>A device with registers in physical memory. No access may throw: what is illegal reads all ones and writes nothing.</summary>
public interface IMmioDevice
{
    /// <summary>Reads 1, 2, 4 or 8 bytes at <paramref name="offset"/> from the start of the device's region.</summary>
    ulong ReadMemory(ulong offset, int size);

    /// <summary>Writes the low 1, 2, 4 or 8 bytes of <paramref name="value"/>.</summary>
    void WriteMemory(ulong offset, int size, ulong value);
}

/// <summary>A device in the I/O port space.</summary>
public interface IPortDevice
{
    /// <summary>Reads 1, 2 or 4 bytes. The port is absolute, 0 to FFFFh.</summary>
    uint ReadPort(ushort port, int size);

    /// <summary>Writes the low 1, 2 or 4 bytes of <paramref name="value"/>.</summary>
    void WritePort(ushort port, int size, uint value);
}

/// <summary>What an access to a device costs the core that makes it, beyond the core's own work.</summary>
/// <param name="Read">From the core's request to the data's arrival.</param>
/// <param name="Write">Until the core may go on: posted writes cost little.</param>
public readonly record struct AccessLatency(SimDuration Read, SimDuration Write);
