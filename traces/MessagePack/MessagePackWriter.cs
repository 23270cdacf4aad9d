using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MessagePack;

/// <summary>
/// Writes MessagePack values, each in its shortest form. Type and members carry the names of the MessagePack package, so that
/// the package can take this folder's place.
/// </summary>
/// <remarks>Nothing reaches the buffer writer for certain before <see cref="Flush"/>.</remarks>
public ref struct MessagePackWriter
{
    private const int ShortestRequest = 256;

    private readonly IBufferWriter<byte> _writer;
    private Span<byte> _free;
    private int _used;

    /// <summary>Makes a writer.</summary>
    /// <param name="writer">Receives the bytes.</param>
    public MessagePackWriter(IBufferWriter<byte> writer) => _writer = writer;

    /// <summary>Hands over what has been written.</summary>
    public void Flush()
    {
        _writer.Advance(_used);
        _free = default;
        _used = 0;
    }

    /// <summary>Writes nil.</summary>
    public void WriteNil() => Code(MessagePackCode.Nil);

    /// <summary>Writes a truth value.</summary>
    public void Write(bool value) => Code(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes an unsigned integer.</summary>
    public void Write(ulong value)
    {
        switch (value)
        {
            case <= MessagePackCode.MaxFixInt:
                Code((byte)value);
                break;
            case <= byte.MaxValue:
                Fixed(MessagePackCode.UInt8, value, sizeof(byte));
                break;
            case <= ushort.MaxValue:
                Fixed(MessagePackCode.UInt16, value, sizeof(ushort));
                break;
            case <= uint.MaxValue:
                WriteUInt32((uint)value);
                break;
            default:
                WriteUInt64(value);
                break;
        }
    }

    /// <summary>Writes an unsigned integer.</summary>
    public void Write(uint value) => Write((ulong)value);

    /// <summary>Writes a signed integer; one that is not negative as an unsigned one.</summary>
    public void Write(long value)
    {
        switch (value)
        {
            case >= 0:
                Write((ulong)value);
                break;
            case >= -32:
                Code(unchecked((byte)value));
                break;
            case >= sbyte.MinValue:
                Fixed(MessagePackCode.Int8, unchecked((ulong)value), sizeof(sbyte));
                break;
            case >= short.MinValue:
                Fixed(MessagePackCode.Int16, unchecked((ulong)value), sizeof(short));
                break;
            case >= int.MinValue:
                Fixed(MessagePackCode.Int32, unchecked((ulong)value), sizeof(int));
                break;
            default:
                Fixed(MessagePackCode.Int64, unchecked((ulong)value), sizeof(long));
                break;
        }
    }

    /// <summary>Writes a signed integer.</summary>
    public void Write(int value) => Write((long)value);

    /// <summary>Writes five bytes whatever the value: room for a number that is filled in later.</summary>
    public void WriteUInt32(uint value) => Fixed(MessagePackCode.UInt32, value, sizeof(uint));

    /// <summary>Writes nine bytes whatever the value.</summary>
    public void WriteUInt64(ulong value) => Fixed(MessagePackCode.UInt64, value, sizeof(ulong));

    /// <summary>Writes a string in UTF-8, or nil for null.</summary>
    public void Write(string? value)
    {
        if (value == null)
        {
            WriteNil();
            return;
        }

        int length = Encoding.UTF8.GetByteCount(value);
        WriteStringHeader(length);
        Encoding.UTF8.GetBytes(value, Room(length));
        _used += length;
    }

    /// <summary>Writes the header of a string of <paramref name="length"/> bytes of UTF-8, which <see cref="WriteRaw"/> writes.</summary>
    public void WriteStringHeader(int length)
    {
        if (length <= MessagePackCode.MaxFixStr - MessagePackCode.MinFixStr)
            Code((byte)(MessagePackCode.MinFixStr + length));
        else
            Sized(MessagePackCode.Str8, MessagePackCode.Str16, MessagePackCode.Str32, length);
    }

    /// <summary>Writes bytes.</summary>
    public void Write(scoped ReadOnlySpan<byte> value)
    {
        WriteBinHeader(value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes the header of <paramref name="length"/> bytes, which <see cref="WriteRaw"/> writes.</summary>
    public void WriteBinHeader(int length) => Sized(MessagePackCode.Bin8, MessagePackCode.Bin16, MessagePackCode.Bin32, length);

    /// <summary>Writes the header of an array of <paramref name="count"/> values.</summary>
    public void WriteArrayHeader(int count) => Container(MessagePackCode.MinFixArray, MessagePackCode.Array16, MessagePackCode.Array32, count);

    /// <summary>Writes the header of a map of <paramref name="count"/> pairs.</summary>
    public void WriteMapHeader(int count) => Container(MessagePackCode.MinFixMap, MessagePackCode.Map16, MessagePackCode.Map32, count);

    /// <summary>Writes bytes that are MessagePack already, or the content after a header.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _used += bytes.Length;
    }

    private void Container(byte shortest, byte code16, byte code32, int count)
    {
        if (count < 16)
            Code((byte)(shortest + count));
        else if (count <= ushort.MaxValue)
            Fixed(code16, (uint)count, sizeof(ushort));
        else
            Fixed(code32, (uint)count, sizeof(uint));
    }

    private void Sized(byte code8, byte code16, byte code32, int length)
    {
        if (length <= byte.MaxValue)
            Fixed(code8, (uint)length, sizeof(byte));
        else if (length <= ushort.MaxValue)
            Fixed(code16, (uint)length, sizeof(ushort));
        else
            Fixed(code32, (uint)length, sizeof(uint));
    }

    private void Code(byte code)
    {
        Room(1)[0] = code;
        _used++;
    }

    private void Fixed(byte code, ulong value, int size)
    {
        Span<byte> field = Room(1 + sizeof(ulong));
        field[0] = code;
        BinaryPrimitives.WriteUInt64BigEndian(field[1..], value << (64 - (8 * size)));
        _used += 1 + size;
    }

    private Span<byte> Room(int bytes)
    {
        if (_free.Length - _used < bytes)
        {
            Flush();
            _free = _writer.GetSpan(Math.Max(bytes, ShortestRequest));
        }

        return _free[_used..];
    }
}
