using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MessagePack;

/// <summary>
/// Reads MessagePack values. Type and members carry the names of the MessagePack package, so that the package can take this
/// folder's place. Whatever the bytes are, a method returns a value or throws <see cref="MessagePackSerializationException"/>.
/// </summary>
public ref struct MessagePackReader
{
    /// <summary>How deep <see cref="Skip()"/> follows arrays and maps.</summary>
    private const int DeepestNesting = 64;

    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    /// <summary>Makes a reader.</summary>
    /// <param name="memory">The bytes.</param>
    public MessagePackReader(ReadOnlyMemory<byte> memory)
    {
        _memory = memory;
        _bytes = memory.Span;
    }

    /// <summary>Bytes read so far.</summary>
    public readonly long Consumed => _at;

    /// <summary>True when nothing is left.</summary>
    public readonly bool End => _at == _bytes.Length;

    /// <summary>First byte of the next value.</summary>
    public readonly byte NextCode => _at < _bytes.Length ? _bytes[_at] : throw Short();

    /// <summary>Type of the next value.</summary>
    public readonly MessagePackType NextMessagePackType => MessagePackCode.ToMessagePackType(NextCode);

    /// <summary>Whether the next value is nil.</summary>
    public readonly bool IsNil => NextCode == MessagePackCode.Nil;

    /// <summary>Reads nil if it is next.</summary>
    public bool TryReadNil()
    {
        if (!IsNil)
            return false;
        _at++;
        return true;
    }

    /// <summary>Reads a truth value.</summary>
    public bool ReadBoolean() => Code() switch
    {
        MessagePackCode.True => true,
        MessagePackCode.False => false,
        byte code => throw Wrong(code, "a truth value"),
    };

    /// <summary>Reads an integer from 0 to 2^64 - 1, however it is encoded.</summary>
    public ulong ReadUInt64()
    {
        byte code = Code();
        if (code <= MessagePackCode.MaxFixInt)
            return code;
        if (code is >= MessagePackCode.UInt8 and <= MessagePackCode.UInt64)
            return BigEndian(1 << (code - MessagePackCode.UInt8));
        long signed = Signed(code, "an unsigned integer");
        return signed >= 0 ? (ulong)signed : throw Wrong(code, "an unsigned integer");
    }

    /// <summary>Reads an integer from -2^63 to 2^63 - 1, however it is encoded.</summary>
    public long ReadInt64()
    {
        byte code = Code();
        if (code <= MessagePackCode.MaxFixInt)
            return code;
        if (code is < MessagePackCode.UInt8 or > MessagePackCode.UInt64)
            return Signed(code, "an integer");
        ulong value = BigEndian(1 << (code - MessagePackCode.UInt8));
        return value <= long.MaxValue ? (long)value : throw Wrong(code, "an integer below 2^63");
    }

    /// <summary>Reads an integer from 0 to 2^32 - 1.</summary>
    public uint ReadUInt32()
    {
        byte code = NextCode;
        ulong value = ReadUInt64();
        return value <= uint.MaxValue ? (uint)value : throw Wrong(code, "an integer below 2^32");
    }

    /// <summary>Reads an integer from -2^31 to 2^31 - 1.</summary>
    public int ReadInt32()
    {
        byte code = NextCode;
        long value = ReadInt64();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Wrong(code, "a 32-bit integer");
    }

    /// <summary>Reads a string, or null for nil.</summary>
    public string? ReadString()
    {
        if (TryReadNil())
            return null;
        byte code = Code();
        uint length = code switch
        {
            >= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr => (uint)(code - MessagePackCode.MinFixStr),
            >= MessagePackCode.Str8 and <= MessagePackCode.Str32 => (uint)BigEndian(1 << (code - MessagePackCode.Str8)),
            _ => throw Wrong(code, "a string"),
        };
        return Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>Reads bytes, without copying them, or null for nil.</summary>
    public ReadOnlySequence<byte>? ReadBytes()
    {
        if (TryReadNil())
            return null;
        byte code = Code();
        if (code is < MessagePackCode.Bin8 or > MessagePackCode.Bin32)
            throw Wrong(code, "bytes");
        uint length = (uint)BigEndian(1 << (code - MessagePackCode.Bin8));
        int start = _at;
        _ = Take(length);
        return new ReadOnlySequence<byte>(_memory.Slice(start, (int)length));
    }

    /// <summary>Reads the header of an array. The count is at most the number of bytes left: each value takes one at least.</summary>
    public int ReadArrayHeader() => Container(MessagePackCode.MinFixArray, MessagePackCode.Array16, 1, "an array");

    /// <summary>Reads the header of a map: the number of its pairs.</summary>
    public int ReadMapHeader() => Container(MessagePackCode.MinFixMap, MessagePackCode.Map16, 2, "a map");

    /// <summary>Passes over the next value, whatever it is.</summary>
    public void Skip() => Skip(DeepestNesting);

    private void Skip(int deepest)
    {
        if (deepest == 0)
            throw new MessagePackSerializationException($"byte {_at}: values are nested deeper than {DeepestNesting}");
        byte code = NextCode;
        switch (MessagePackCode.ToMessagePackType(code))
        {
            case MessagePackType.Array:
                SkipMany(ReadArrayHeader(), deepest - 1);
                break;
            case MessagePackType.Map:
                SkipMany(2 * ReadMapHeader(), deepest - 1);
                break;
            case MessagePackType.String:
                _ = ReadString();
                break;
            case MessagePackType.Binary:
                _ = ReadBytes();
                break;
            case MessagePackType.Extension:
                SkipExtension();
                break;
            case MessagePackType.Unknown:
                throw Wrong(code, "a value");
            default:
                _at++;
                _ = Take(code is >= MessagePackCode.Float32 and <= MessagePackCode.Int64 ? FixedBytes(code) : 0);
                break;
        }
    }

    private void SkipMany(int count, int deepest)
    {
        for (int i = 0; i < count; i++)
            Skip(deepest);
    }

    private void SkipExtension()
    {
        byte code = Code();
        uint length = code >= MessagePackCode.FixExt1
            ? 1u << (code - MessagePackCode.FixExt1)
            : (uint)BigEndian(1 << (code - MessagePackCode.Ext8));
        _ = Take(1);
        _ = Take(length);
    }

    private static uint FixedBytes(byte code) => code switch
    {
        MessagePackCode.Float32 => sizeof(float),
        MessagePackCode.Float64 => sizeof(double),
        <= MessagePackCode.UInt64 => 1u << (code - MessagePackCode.UInt8),
        _ => 1u << (code - MessagePackCode.Int8),
    };

    private int Container(byte shortest, byte code16, int valuesEach, string what)
    {
        byte code = Code();
        ulong count = code >= shortest && code < shortest + 16
            ? (uint)(code - shortest)
            : code == code16 || code == code16 + 1
                ? BigEndian(sizeof(ushort) << (code - code16))
                : throw Wrong(code, what);
        return count * (uint)valuesEach <= (ulong)(_bytes.Length - _at) ? (int)count : throw Short();
    }

    private long Signed(byte code, string what) => code switch
    {
        >= MessagePackCode.MinNegativeFixInt => unchecked((sbyte)code),
        MessagePackCode.Int8 => unchecked((sbyte)BigEndian(sizeof(sbyte))),
        MessagePackCode.Int16 => unchecked((short)BigEndian(sizeof(short))),
        MessagePackCode.Int32 => unchecked((int)BigEndian(sizeof(int))),
        MessagePackCode.Int64 => unchecked((long)BigEndian(sizeof(long))),
        _ => throw Wrong(code, what),
    };

    private ulong BigEndian(int size)
    {
        ReadOnlySpan<byte> field = Take((uint)size);
        return size switch
        {
            1 => field[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(field),
            4 => BinaryPrimitives.ReadUInt32BigEndian(field),
            _ => BinaryPrimitives.ReadUInt64BigEndian(field),
        };
    }

    private byte Code()
    {
        byte code = NextCode;
        _at++;
        return code;
    }

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > (uint)(_bytes.Length - _at))
            throw Short();
        ReadOnlySpan<byte> field = _bytes.Slice(_at, (int)count);
        _at += (int)count;
        return field;
    }

    private readonly MessagePackSerializationException Short() => new($"byte {_at}: the value goes on beyond the end");

    private readonly MessagePackSerializationException Wrong(byte code, string expected) =>
        new($"byte {_at - 1}: code {code:X2}h is not {expected}");
}
