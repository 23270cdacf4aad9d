using Google.Protobuf;

namespace CoSim.Traces.Export;

/// <summary>
/// A protocol buffer that is written field by field. Perfetto and pprof define hundreds of messages of which the exporters fill a few,
/// so they name the fields' numbers instead of carrying generated classes; Google.Protobuf knows the wire format.
/// </summary>
internal sealed class ProtoMessage
{
    private readonly MemoryStream _bytes = new();
    private readonly CodedOutputStream _fields;

    /// <summary>An empty message.</summary>
    public ProtoMessage() => _fields = new CodedOutputStream(_bytes, leaveOpen: true);

    /// <summary>The encoded message; valid until the next change.</summary>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            _fields.Flush();
            return _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);
        }
    }

    /// <summary>Removes all fields.</summary>
    public ProtoMessage Clear()
    {
        _fields.Flush();
        _bytes.SetLength(0);
        return this;
    }

    /// <summary>Adds an unsigned integer, an enumeration or a flag.</summary>
    public ProtoMessage Add(int field, ulong value)
    {
        _fields.WriteTag(field, WireFormat.WireType.Varint);
        _fields.WriteUInt64(value);
        return this;
    }

    /// <summary>Adds a signed integer (int64, two's complement).</summary>
    public ProtoMessage AddSigned(int field, long value) => Add(field, unchecked((ulong)value));

    /// <summary>Adds a string.</summary>
    public ProtoMessage Add(int field, string text)
    {
        _fields.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _fields.WriteString(text);
        return this;
    }

    /// <summary>Adds numbers, packed.</summary>
    public ProtoMessage AddPacked(int field, IReadOnlyList<ulong> values)
    {
        _fields.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _fields.WriteLength(values.Sum(CodedOutputStream.ComputeUInt64Size));
        foreach (ulong value in values)
            _fields.WriteUInt64(value);
        return this;
    }

    /// <summary>Adds a message.</summary>
    public ProtoMessage Add(int field, ProtoMessage message)
    {
        _fields.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _fields.WriteBytes(UnsafeByteOperations.UnsafeWrap(message.Bytes));
        return this;
    }
}
