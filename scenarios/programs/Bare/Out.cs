using System;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>Lines on the serial port.</summary>
internal static unsafe class Out
{
    private const ushort Port = 0x3F8, LineStatus = 0x3FD;
    private const byte TransmitterEmpty = 0x20;
    private const int Digits = 20;

    internal static void Line(ReadOnlySpan<byte> text)
    {
        Write(text);
        Put((byte)'\n');
    }

    /// <summary>A text, a number, another text.</summary>
    internal static void Line(ReadOnlySpan<byte> before, ulong number, ReadOnlySpan<byte> after)
    {
        Write(before);
        Decimal(number);
        Line(after);
    }

    internal static void Write(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text) Put(b);
    }

    internal static void Decimal(ulong value)
    {
        byte* digits = stackalloc byte[Digits];
        int at = Digits;
        do
        {
            digits[--at] = (byte)('0' + value % 10);
            value /= 10;
        } while (value != 0);
        for (; at < Digits; at++) Put(digits[at]);
    }

    internal static void Signed(long value)
    {
        if (value < 0) Put((byte)'-');
        Decimal(value < 0 ? (ulong)-value : (ulong)value);
    }

    private static void Put(byte value)
    {
        while ((Machine.In8(LineStatus) & TransmitterEmpty) == 0) Machine.Pause();
        Machine.Out8(Port, value);
    }
}
