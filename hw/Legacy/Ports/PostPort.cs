using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>Port 80h: firmware progress codes, kept in order with their times.</summary>
public sealed class PostPort : BytePortDevice, IStateful
{
    private const ushort Port = 0x80;

    /// <summary>Kernels write port 80h as a delay; only the first codes are kept.</summary>
    private const int MaxKept = 4096;

    private readonly DeviceServices _services;
    private readonly List<(SimTime Time, byte Code)> _codes = [];
    private byte _last;

    public PostPort(DeviceServices services) => _services = services;

    public string StateName => "post";

    /// <summary>The last code written.</summary>
    public byte Last => _last;

    /// <summary>The first 4096 codes.</summary>
    public IReadOnlyList<(SimTime Time, byte Code)> Codes => _codes;

    public void Map(PortBus bus) => bus.Map("post", Port, 1, this, LegacyLatency.Lpc);

    public void Save(StateWriter writer)
    {
        writer.Byte(_last);
        writer.Int32(_codes.Count);
        foreach ((SimTime time, byte code) in _codes)
        {
            writer.Time(time);
            writer.Byte(code);
        }
    }

    public void Restore(StateReader reader)
    {
        _last = reader.Byte();
        int count = reader.Int32();
        if (count is < 0 or > MaxKept)
        {
            throw reader.Wrong($"{count} POST codes");
        }

        _codes.Clear();
        for (int i = 0; i < count; i++)
        {
            SimTime time = reader.Time();
            _codes.Add((time, reader.Byte()));
        }
    }

    protected override byte ReadByte(ushort port) => port == Port ? _last : (byte)0xFF;

    protected override void WriteByte(ushort port, byte value)
    {
        if (port != Port)
        {
            return;
        }

        _last = value;
        _services.Probe?.PostCode(_services.Now, value);
        if (_codes.Count < MaxKept)
        {
            _codes.Add((_services.Now, value));
        }
    }
}
