using System.Buffers.Binary;
using System.Text;

namespace CoSim.Guest.Symbols;

/// <summary>Reads little-endian data and DWARF's variable-length numbers, and never beyond the end.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> data, string file, string place)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly string _file = file, _place = place;

    public int Position { get; private set; }

    public readonly int Length => _data.Length;

    public readonly bool AtEnd => Position >= _data.Length;

    public void Seek(ulong position)
    {
        if (position > (ulong)_data.Length) throw Fault($"offset {position:X}h lies outside");
        Position = (int)position;
    }

    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_data.Length - Position)) throw Fault($"{count} bytes at offset {Position:X}h reach beyond the end");
        ReadOnlySpan<byte> result = _data.Slice(Position, (int)count);
        Position += (int)count;
        return result;
    }

    public byte U8() => Take(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>An offset or length: 8 bytes in 64-bit DWARF, else 4.</summary>
    public ulong Offset(bool wide) => wide ? U64() : U32();

    /// <summary>Unsigned LEB128 (DWARF 5, section 7.6).</summary>
    public ulong Uleb()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = U8();
            if (shift < 64) value |= (ulong)(b & 0x7F) << shift;
            if ((b & 0x80) == 0) return value;
        }
    }

    /// <summary>Signed LEB128.</summary>
    public long Sleb()
    {
        long value = 0;
        for (int shift = 0; ;)
        {
            byte b = U8();
            if (shift < 64) value |= (long)(b & 0x7F) << shift;
            shift += 7;
            if ((b & 0x80) != 0) continue;
            return shift < 64 && (b & 0x40) != 0 ? value | -1L << shift : value;
        }
    }

    /// <summary>A NUL-terminated string.</summary>
    public string Text()
    {
        int length = _data[Position..].IndexOf((byte)0);
        if (length < 0) throw Fault($"the string at offset {Position:X}h has no end");
        string text = Encoding.UTF8.GetString(_data.Slice(Position, length));
        Position += length + 1;
        return text;
    }

    public readonly ImageFormatException Fault(string cause) => new(_file, _place, cause);
}
