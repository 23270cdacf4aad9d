namespace CoSim.Hw.Simulation;

/// <summary>Physical addresses that are not RAM: which device answers, and how long it takes.</summary>
public sealed class MmioBus
{
    private readonly List<Region> _regions = [];

    /// <summary>The cost of an access that nothing answers: the request travels to the fabric and comes back as all ones.</summary>
    public AccessLatency Unclaimed { get; init; }

    /// <summary>Maps a device. Regions may not overlap.</summary>
    /// <exception cref="ArgumentException">The region is empty or overlaps another.</exception>
    public void Map(string name, ulong start, ulong length, IMmioDevice device, AccessLatency latency)
    {
        Region region = new(name, start, start + length - 1, device, latency);
        if (length == 0 || region.Last < start || _regions.Any(r => start <= r.Last && r.Start <= region.Last))
        {
            throw new ArgumentException($"region {name} at {start:X}h, length {length:X}h, is empty or overlaps another");
        }

        _regions.Add(region);
        _regions.Sort((a, b) => a.Start.CompareTo(b.Start));
    }

    /// <summary>Changes what accesses to a device cost. False: there is no region of that name.</summary>
    public bool SetLatency(string name, AccessLatency latency)
    {
        int at = _regions.FindIndex(r => r.Name == name);
        if (at >= 0)
            _regions[at] = _regions[at] with { Latency = latency };
        return at >= 0;
    }

    /// <summary>What accesses to a device cost; null when there is no region of that name.</summary>
    public AccessLatency? LatencyOf(string name) => _regions.Find(r => r.Name == name)?.Latency;

    /// <summary>Every region in ascending order, for the memory map that users see.</summary>
    public IEnumerable<(string Name, ulong Start, ulong Length)> Regions => _regions.Select(r => (r.Name, r.Start, r.Last - r.Start + 1));

    /// <summary>Reads 1, 2, 4 or 8 bytes; an access must not cross a region. All ones where nothing answers.</summary>
    public ulong Read(ulong address, int size, out SimDuration latency)
    {
        if (Find(address, size) is not { } region)
        {
            latency = Unclaimed.Read;
            return size == 8 ? ulong.MaxValue : (1UL << (size * 8)) - 1;
        }

        latency = region.Latency.Read;
        return region.Device.ReadMemory(address - region.Start, size);
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes; lost where nothing answers.</summary>
    public void Write(ulong address, int size, ulong value, out SimDuration latency)
    {
        if (Find(address, size) is not { } region)
        {
            latency = Unclaimed.Write;
            return;
        }

        latency = region.Latency.Write;
        region.Device.WriteMemory(address - region.Start, size, value);
    }

    private Region? Find(ulong address, int size)
    {
        foreach (Region region in _regions)
        {
            if (address >= region.Start && address + (ulong)size - 1 <= region.Last)
            {
                return region;
            }
        }

        return null;
    }

    private sealed record Region(string Name, ulong Start, ulong Last, IMmioDevice Device, AccessLatency Latency);
}
