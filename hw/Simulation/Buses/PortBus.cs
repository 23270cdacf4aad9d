namespace CoSim.Hw.Simulation;

/// <summary>The 64 Ki I/O ports: which device answers each, and how long it takes.</summary>
public sealed class PortBus
{
    private const int PortCount = 65536;
    private readonly byte[] _owner = new byte[PortCount];
    private readonly List<Entry> _entries = [new Entry("absent", null, default)];

    /// <summary>The cost of an access that nothing answers.</summary>
    public AccessLatency Unclaimed { get; init; }

    /// <summary>Gives a device a run of ports.</summary>
    /// <exception cref="ArgumentException">A port is taken already.</exception>
    public void Map(string name, int firstPort, int count, IPortDevice device, AccessLatency latency)
    {
        Span<byte> ports = _owner.AsSpan(firstPort, count);
        if (ports.ContainsAnyExcept((byte)0))
        {
            throw new ArgumentException($"a port of {name} at {firstPort:X}h is taken already");
        }

        ports.Fill(checked((byte)_entries.Count));
        _entries.Add(new Entry(name, device, latency));
    }

    /// <summary>Changes what accesses to a device cost. False: there is no device of that name.</summary>
    public bool SetLatency(string name, AccessLatency latency)
    {
        bool found = false;
        for (int n = 1; n < _entries.Count; n++)
        {
            if (_entries[n].Name == name)
            {
                _entries[n] = _entries[n] with { Latency = latency };
                found = true;
            }
        }

        return found;
    }

    /// <summary>What accesses to a device cost; null when there is no device of that name.</summary>
    public AccessLatency? LatencyOf(string name) => _entries.Find(e => e.Name == name && e.Device is not null)?.Latency;

    /// <summary>Reads 1, 2 or 4 bytes. Absent ports read as all ones.</summary>
    public uint Read(ushort port, int size, out SimDuration latency)
    {
        Entry entry = _entries[_owner[port]];
        if (entry.Device is null)
        {
            latency = Unclaimed.Read;
            return size == 4 ? uint.MaxValue : (1U << (size * 8)) - 1;
        }

        latency = entry.Latency.Read;
        return entry.Device.ReadPort(port, size);
    }

    /// <summary>Writes 1, 2 or 4 bytes; lost at absent ports.</summary>
    public void Write(ushort port, int size, uint value, out SimDuration latency)
    {
        Entry entry = _entries[_owner[port]];
        latency = entry.Device is null ? Unclaimed.Write : entry.Latency.Write;
        entry.Device?.WritePort(port, size, value);
    }

    private sealed record Entry(string Name, IPortDevice? Device, AccessLatency Latency);
}
