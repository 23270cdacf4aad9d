using System.Buffers.Binary;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// QEMU's firmware configuration device: software selects an item at port 510h (16 bits) and reads its bytes at 511h, or hands a
/// descriptor's address to the DMA register at 514h to have whole items copied to memory. Bytes behind an item's end are 0.
/// </summary>
/// <remarks>
/// Source: QEMU 7.2, docs/specs/fw_cfg.rst. Items are read only: a DMA write ends with the error bit, as for any item that QEMU
/// does not let the guest write. A DMA transfer is done when the write that started it is.
/// </remarks>
public sealed class FwCfg : IPortDevice, IStateful
{
    private const ushort SelectorPort = 0x510, DataPort = 0x511, DmaHighPort = 0x514, DmaLowPort = 0x518;
    private const int DmaPorts = 8, DescriptorLength = 16, Piece = 4096;
    private const uint DmaError = 1, DmaRead = 2, DmaSkip = 4, DmaSelect = 8, DmaWrite = 16;
    private const ulong DmaSignature = 0x5145_4D55_2043_4647; // "QEMU CFG"

    private readonly FwCfgItems _items;
    private readonly PhysicalMemory _memory;
    private readonly DeviceServices _services;
    private ushort _selected;
    private uint _position;
    private uint _dmaHigh;

    /// <summary>Makes the device with item 0 selected.</summary>
    /// <param name="items">What it holds.</param>
    /// <param name="memory">Where DMA goes.</param>
    /// <param name="services">The log.</param>
    public FwCfg(FwCfgItems items, PhysicalMemory memory, DeviceServices services)
    {
        _items = items;
        _memory = memory;
        _services = services;
    }

    /// <inheritdoc/>
    public string StateName => "fw-cfg";

    /// <summary>Puts selector, data and DMA registers on the bus.</summary>
    public void Map(PortBus bus)
    {
        bus.Map("fw-cfg", SelectorPort, 2, this, LegacyLatency.Internal);
        bus.Map("fw-cfg-dma", DmaHighPort, DmaPorts, this, LegacyLatency.Internal);
    }

    /// <summary>A warm or cold reset.</summary>
    public void Reset()
    {
        _selected = 0;
        _position = _dmaHigh = 0;
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size)
    {
        switch (port)
        {
            case DataPort:
                // The data register is a byte wide; nobody answers at the ports behind it.
                return Next() | (Ones(size) & ~0xFFU);
            case DmaHighPort or DmaLowPort when size == sizeof(uint):
                return BinaryPrimitives.ReverseEndianness((uint)(port == DmaHighPort ? DmaSignature >> 32 : DmaSignature));
            default:
                return Ones(size);
        }
    }

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        switch (port)
        {
            case SelectorPort when size == sizeof(ushort):
                Select((ushort)value);
                break;
            case DmaHighPort when size == sizeof(uint):
                _dmaHigh = BinaryPrimitives.ReverseEndianness(value);
                break;
            case DmaLowPort when size == sizeof(uint):
                ulong descriptor = ((ulong)_dmaHigh << 32) | BinaryPrimitives.ReverseEndianness(value);
                _dmaHigh = 0;
                Transfer(descriptor);
                break;
            default:
                _services.Log.Touched(StateName, $"port {port:X}h", $"write of {size} bytes", value);
                break;
        }
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.UInt16(_selected);
        writer.UInt32(_position);
        writer.UInt32(_dmaHigh);
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        _selected = reader.UInt16();
        _position = reader.UInt32();
        if (_position > (uint)_items[_selected].Length)
        {
            throw reader.Wrong($"position {_position} in item {_selected:X}h of {_items[_selected].Length} bytes");
        }

        _dmaHigh = reader.UInt32();
    }

    private static uint Ones(int size) => size == sizeof(uint) ? uint.MaxValue : (1U << (size * 8)) - 1;

    private void Select(ushort item)
    {
        _selected = item;
        _position = 0;
    }

    private byte Next()
    {
        ReadOnlySpan<byte> item = _items[_selected].Span;
        return _position < (uint)item.Length ? item[(int)_position++] : (byte)0;
    }

    /// <summary>Carries out a descriptor: control (u32), length (u32), address (u64), all big-endian; control ends as 0 or as the error bit.</summary>
    private void Transfer(ulong descriptor)
    {
        Span<byte> bytes = stackalloc byte[DescriptorLength];
        if (!_memory.IsMemory(descriptor, DescriptorLength))
        {
            _services.Log.Touched(StateName, "DMA", "descriptor outside of memory", descriptor);
            return;
        }

        _memory.Read(descriptor, bytes);
        uint control = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        ulong address = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        if ((control & DmaSelect) != 0)
        {
            Select((ushort)(control >> 16));
        }

        bool good = (control & (DmaRead | DmaSkip | DmaWrite)) switch
        {
            DmaRead => Copy(address, length),
            DmaSkip => Skip(length),
            0 => true,
            _ => false,
        };
        BinaryPrimitives.WriteUInt32BigEndian(bytes, good ? 0 : DmaError);
        TryWrite(descriptor, bytes[..sizeof(uint)]);
    }

    private bool Skip(uint length)
    {
        uint left = (uint)_items[_selected].Length - _position;
        _position += Math.Min(length, left);
        return true;
    }

    private bool Copy(ulong address, uint length)
    {
        Span<byte> piece = stackalloc byte[Piece];
        while (length > 0)
        {
            Span<byte> part = piece[..(int)Math.Min(length, Piece)];
            part.Clear();
            ReadOnlySpan<byte> rest = _items[_selected].Span[(int)_position..];
            rest = rest[..Math.Min(rest.Length, part.Length)];
            rest.CopyTo(part);
            _position += (uint)rest.Length;
            if (!TryWrite(address, part))
            {
                return false;
            }

            address += (uint)part.Length;
            length -= (uint)part.Length;
        }

        return true;
    }

    private unsafe bool TryWrite(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (!_memory.IsMemory(address, bytes.Length) || _memory.PointerTo(address, out bool writable) == null || !writable)
        {
            _services.Log.Touched(StateName, "DMA", "transfer outside of RAM", address);
            return false;
        }

        _memory.Write(address, bytes);
        return true;
    }
}
