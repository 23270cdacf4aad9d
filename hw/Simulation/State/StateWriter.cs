using System.Buffers.Binary;
using System.Text;

namespace CoSim.Hw.Simulation;

/// <summary>Writes component state as little-endian fields inside named, length-prefixed sections.</summary>
public sealed class StateWriter
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Writes one component as a section: its name, the length of its state, its state.</summary>
    public void Section(IStateful component)
    {
        Text(component.StateName);
        long lengthAt = _bytes.Position;
        UInt32(0);
        component.Save(this);
        uint length = checked((uint)(_bytes.Position - lengthAt - sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetBuffer().AsSpan((int)lengthAt), length);
    }

    public void Bool(bool value) => _bytes.WriteByte(value ? (byte)1 : (byte)0);

    public void Byte(byte value) => _bytes.WriteByte(value);

    public void UInt16(ushort value)
    {
        Span<byte> field = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(field, value);
        _bytes.Write(field);
    }

    public void UInt32(uint value)
    {
        Span<byte> field = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(field, value);
        _bytes.Write(field);
    }

    public void Int32(int value) => UInt32(unchecked((uint)value));

    public void UInt64(ulong value)
    {
        Span<byte> field = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(field, value);
        _bytes.Write(field);
    }

    public void Int64(long value) => UInt64(unchecked((ulong)value));

    public void UInt128(UInt128 value)
    {
        UInt64((ulong)value);
        UInt64((ulong)(value >> 64));
    }

    public void Time(SimTime value) => UInt128(value.Femtoseconds);

    /// <summary>Writes whether an event waits and, if so, its time and its place in the order.</summary>
    public void Event(SimEvent e)
    {
        Bool(e.IsScheduled);
        if (e.IsScheduled)
        {
            Time(e.Time);
            UInt64(e.Sequence);
        }
    }

    /// <summary>Writes bytes whose number the reader knows.</summary>
    public void Bytes(ReadOnlySpan<byte> value) => _bytes.Write(value);

    /// <summary>Writes a length and that many bytes.</summary>
    public void Block(ReadOnlySpan<byte> value)
    {
        UInt32((uint)value.Length);
        _bytes.Write(value);
    }

    public void Text(string value) => Block(Encoding.UTF8.GetBytes(value));

    public byte[] ToArray() => _bytes.ToArray();
}
