using System;

namespace CoSim.Os;

/// <summary>A bounded text writer over memory that the caller owns. Text beyond the capacity is dropped and counted in <see cref="Dropped"/>.</summary>
public unsafe partial struct TextBuffer
{
    public byte* Data;
    public int Length;
    public int Capacity;

    /// <summary>Bytes that did not fit; a reader with a growable buffer retries with a larger one.</summary>
    public int Dropped;

    /// <summary>Writes to <paramref name="capacity"/> bytes at <paramref name="data"/>.</summary>
    public TextBuffer(byte* data, int capacity)
    {
        Data = data;
        Capacity = capacity;
        Length = 0;
        Dropped = 0;
    }

    /// <summary>Writes a byte.</summary>
    public void Put(byte c)
    {
        if (Length < Capacity) Data[Length++] = c;
        else Dropped++;
    }

    /// <summary>Writes a literal.</summary>
    public void Put(ReadOnlySpan<byte> s)
    {
        for (int i = 0; i < s.Length; i++) Put(s[i]);
    }

    /// <summary>Writes a string.</summary>
    public void Put(byte* s, int length)
    {
        for (int i = 0; i < length; i++) Put(s[i]);
    }

    /// <summary>Writes a NUL-terminated string.</summary>
    public void PutString(byte* s)
    {
        while (*s != 0) Put(*s++);
    }

    /// <summary>Writes a number right-aligned in <paramref name="width"/> columns (left-aligned when negative), padded with <paramref name="pad"/>.</summary>
    public void PutNumber(ulong magnitude, bool negative, uint numberBase, int width, byte pad, bool upper)
    {
        byte* digits = stackalloc byte[24];
        int n = 0;
        do
        {
            uint d = (uint)(magnitude % numberBase);
            digits[n++] = (byte)(d < 10 ? '0' + d : (upper ? 'A' : 'a') + d - 10);
            magnitude /= numberBase;
        } while (magnitude != 0);
        int used = n + (negative ? 1 : 0);
        if (pad == '0' && negative) Put((byte)'-');
        for (int i = used; i < width; i++) Put(pad);
        if (pad != '0' && negative) Put((byte)'-');
        while (n > 0) Put(digits[--n]);
        for (int i = used; i < -width; i++) Put((byte)' ');
    }

    /// <summary>Writes an unsigned decimal number.</summary>
    public void PutDecimal(ulong value) => PutNumber(value, false, 10, 0, (byte)' ', false);

    /// <summary>Writes a signed decimal number.</summary>
    public void PutSigned(long value) => PutNumber(value < 0 ? (ulong)-value : (ulong)value, value < 0, 10, 0, (byte)' ', false);

    /// <summary>Writes a hexadecimal number in lower case without prefix.</summary>
    public void PutHex(ulong value) => PutNumber(value, false, 16, 0, (byte)' ', false);
}
