using System;
using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>The serial console: COM1, 115200 baud, 8 bits, no parity, one stop bit.</summary>
public static class Console
{
    private const ushort Com1 = 0x3F8, LineControl = Com1 + 3, LineStatus = Com1 + 5;
    private const byte TransmitEmpty = 0x20;
    private const int MaxPolls = 100_000;

    /// <summary>Programs the UART (16550 data sheet): divisor 1, FIFOs on, no interrupts, DTR, RTS and OUT2 on.</summary>
    public static void Initialise()
    {
        Machine.Out8(Com1 + 1, 0);
        Machine.Out8(LineControl, 0x80);
        Machine.Out8(Com1, 1);
        Machine.Out8(Com1 + 1, 0);
        Machine.Out8(LineControl, 3);
        Machine.Out8(Com1 + 2, 7);
        Machine.Out8(Com1 + 4, 0x0B);
    }

    /// <summary>Writes text; a line feed is preceded by a carriage return.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++) Put(text[i]);
    }

    /// <summary>Writes a decimal number.</summary>
    public static void Decimal(ulong value)
    {
        if (value >= 10) Decimal(value / 10);
        Put((byte)('0' + value % 10));
    }

    /// <summary>Writes a hexadecimal number without leading zeros.</summary>
    public static void Hex(ulong value)
    {
        if (value >= 16) Hex(value >> 4);
        int digit = (int)value & 15;
        Put((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
    }

    private static void Put(byte c)
    {
        if (c == '\n') Put((byte)'\r');
        for (int i = 0; i < MaxPolls && (Machine.In8(LineStatus) & TransmitEmpty) == 0; i++) Machine.Pause();
        Machine.Out8(Com1, c);
    }
}
