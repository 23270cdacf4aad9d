using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;

namespace CoSim.Machine.Tests;

/// <summary>An access to a device: a port or a physical address, size in bytes, value.</summary>
internal readonly record struct DeviceAccess(bool Port, ulong Address, int Size, ulong Value);

/// <summary>What a core read from devices and wrote to them, in order.</summary>
internal sealed class DeviceTraffic : IDeviceAccessProbe
{
    public Queue<DeviceAccess> Reads { get; } = new();

    public List<DeviceAccess> Writes { get; } = [];

    public void OnDeviceRead(bool port, ulong address, int size, ulong value) => Reads.Enqueue(new DeviceAccess(port, address, size, value));

    public void OnDeviceWrite(bool port, ulong address, int size, ulong value) => Writes.Add(new DeviceAccess(port, address, size, value));
}

/// <summary>Every device of a second machine: answers with what the first machine's devices answered.</summary>
internal sealed class ReplayedDevices(DeviceTraffic recorded, ulong start) : IMmioDevice, IPortDevice
{
    public ulong ReadMemory(ulong offset, int size) => Take(port: false, start + offset, size);

    public uint ReadPort(ushort port, int size) => (uint)Take(port: true, port, size);

    /// <summary>Writes are compared as traffic, not here.</summary>
    public void WriteMemory(ulong offset, int size, ulong value)
    {
    }

    /// <inheritdoc cref="WriteMemory"/>
    public void WritePort(ushort port, int size, uint value)
    {
    }

    private ulong Take(bool port, ulong address, int size)
    {
        if (!recorded.Reads.TryDequeue(out DeviceAccess read) || read.Port != port || read.Address != address || read.Size != size)
        {
            throw new LockStepException($"reads {size} bytes at {(port ? "port " : "")}{address:X}h, the detailed engine: {read}");
        }

        return read.Value;
    }
}
