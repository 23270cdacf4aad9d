using System.Buffers.Binary;
using System.Text;

namespace CoSim.Hw.Simulation;

/// <summary>Reads what <see cref="StateWriter"/> wrote, and says what is wrong where when it cannot.</summary>
public sealed class StateReader
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly EventQueue _events;
    private string _section = "header";
    private int _at;

    /// <summary>Makes a reader.</summary>
    /// <param name="bytes">A snapshot's bytes.</param>
    /// <param name="events">The queue that saved events go back to.</param>
    public StateReader(ReadOnlyMemory<byte> bytes, EventQueue events)
    {
        _bytes = bytes;
        _events = events;
    }

    /// <summary>True when every byte has been read.</summary>
    public bool AtEnd => _at == _bytes.Length;

    /// <summary>Reads the section of one component and checks its name and length.</summary>
    public void Section(IStateful component)
    {
        string name = Text();
        if (name != component.StateName)
        {
            throw Wrong($"expected section '{component.StateName}', found '{name}'");
        }

        uint length = UInt32();
        if (length > _bytes.Length - _at)
        {
            throw Wrong($"section '{name}' is cut short: {length} bytes announced, {_bytes.Length - _at} left");
        }

        int end = _at + (int)length;
        string outer = _section;
        _section = name;
        component.Restore(this);
        if (_at != end)
        {
            throw Wrong($"section is {length} bytes long, but its component read {(long)_at - (end - length)}");
        }

        _section = outer;
    }

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        byte other => throw Wrong($"{other} is not a truth value"),
    };

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public UInt128 UInt128()
    {
        ulong low = UInt64();
        return ((UInt128)UInt64() << 64) | low;
    }

    public SimTime Time() => SimTime.FromFemtoseconds(UInt128());

    /// <summary>Puts an event back as <see cref="StateWriter.Event"/> found it.</summary>
    public void Event(SimEvent e)
    {
        _events.Cancel(e);
        if (Bool())
        {
            SimTime time = Time();
            ulong sequence = UInt64();
            _events.Reinsert(e, time, sequence);
        }
    }

    public ReadOnlySpan<byte> Bytes(int count) => Take(count);

    public ReadOnlySpan<byte> Block()
    {
        uint length = UInt32();
        return length <= int.MaxValue ? Take((int)length) : throw Wrong($"a block of {length} bytes");
    }

    public string Text() => Encoding.UTF8.GetString(Block());

    /// <summary>An error that names the section and the byte.</summary>
    public SnapshotException Wrong(string cause) => new($"byte {_at}, section '{_section}': {cause}");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
        {
            throw Wrong($"the file ends where {count} more bytes are needed");
        }

        ReadOnlySpan<byte> field = _bytes.Span.Slice(_at, count);
        _at += count;
        return field;
    }
}
