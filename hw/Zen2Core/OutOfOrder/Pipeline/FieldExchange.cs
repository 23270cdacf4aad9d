using System.Runtime.InteropServices;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>Writes fields, or reads them back in the same order: one list of fields serves both. The bytes are good in this process only.</summary>
internal readonly struct FieldExchange
{
    private readonly StateWriter? _writer;
    private readonly StateReader? _reader;

    /// <summary>Writes.</summary>
    public FieldExchange(StateWriter writer) => _writer = writer;

    /// <summary>Reads back.</summary>
    public FieldExchange(StateReader reader) => _reader = reader;

    /// <summary>One field.</summary>
    public void Value<T>(ref T value)
        where T : unmanaged => Items(new Span<T>(ref value));

    /// <summary>Several of a kind.</summary>
    public void Items<T>(Span<T> items)
        where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(items);
        _writer?.Bytes(bytes);
        _reader?.Bytes(bytes.Length).CopyTo(bytes);
    }
}
