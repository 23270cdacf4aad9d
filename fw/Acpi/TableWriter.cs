using System;

namespace CoSim.Firmware.Acpi;

/// <summary>Writes little-endian data to memory that will stand at a known physical address.</summary>
public unsafe struct TableWriter
{
    private readonly byte* _memory;
    private readonly ulong _physical;
    private readonly uint _capacity;
    private uint _at;

    /// <summary>Writes to <paramref name="capacity"/> bytes at <paramref name="memory"/>, which the machine sees at <paramref name="physical"/>.</summary>
    public TableWriter(byte* memory, ulong physical, uint capacity)
    {
        _memory = memory;
        _physical = physical;
        _capacity = capacity;
        _at = 0;
    }

    /// <summary>Bytes written.</summary>
    public readonly uint Position => _at;

    /// <summary>Whether more was written than there is room for; the excess is lost.</summary>
    public readonly bool Overflowed => _at > _capacity;

    /// <summary>The physical address of a position.</summary>
    public readonly ulong Address(uint position) => _physical + position;

    /// <summary>Writes a byte.</summary>
    public void U8(uint value)
    {
        if (_at < _capacity) _memory[_at] = (byte)value;
        _at++;
    }

    /// <summary>Writes 16 bits.</summary>
    public void U16(uint value)
    {
        U8(value);
        U8(value >> 8);
    }

    /// <summary>Writes 32 bits.</summary>
    public void U32(uint value)
    {
        U16(value);
        U16(value >> 16);
    }

    /// <summary>Writes 64 bits.</summary>
    public void U64(ulong value)
    {
        U32((uint)value);
        U32((uint)(value >> 32));
    }

    /// <summary>Writes bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++) U8(bytes[i]);
    }

    /// <summary>Writes zeros.</summary>
    public void Zero(uint count)
    {
        for (uint i = 0; i < count; i++) U8(0);
    }

    /// <summary>Goes on at a multiple of a power of two.</summary>
    public void Align(uint alignment)
    {
        while ((_at & alignment - 1) != 0) U8(0);
    }

    /// <summary>Replaces a byte written before.</summary>
    public readonly void Patch8(uint position, uint value)
    {
        if (position < _capacity) _memory[position] = (byte)value;
    }

    /// <summary>Replaces 32 bits written before.</summary>
    public readonly void Patch32(uint position, uint value)
    {
        for (int i = 0; i < 4; i++) Patch8(position + (uint)i, value >> 8 * i);
    }

    /// <summary>Makes the bytes from one position to another add up to 0 modulo 256, by the byte at a third.</summary>
    public readonly void Checksum(uint from, uint to, uint at)
    {
        uint sum = 0;
        Patch8(at, 0);
        for (uint i = from; i < to && i < _capacity; i++) sum += _memory[i];
        Patch8(at, 0 - sum);
    }
}
