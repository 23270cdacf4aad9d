using System;

namespace CoSim.Os;

/// <summary>
/// printf-style formatting for the texts whose format is an interface (/proc, kernel messages). Conversions: d i u x X c s p %, with
/// flags '0' and '-', a width, and length modifiers h, l, ll, z (an unmodified d, i, u, x takes the low 32 bits, as in C).
/// Arguments are passed as ulong; a string argument is the address of a NUL-terminated string.
/// </summary>
public unsafe partial struct TextBuffer
{
    public void Format(ReadOnlySpan<byte> f) => Format(f, 0, 0, 0, 0, 0, 0, 0, 0);

    public void Format(ReadOnlySpan<byte> f, ulong a) => Format(f, a, 0, 0, 0, 0, 0, 0, 0);

    public void Format(ReadOnlySpan<byte> f, ulong a, ulong b) => Format(f, a, b, 0, 0, 0, 0, 0, 0);

    public void Format(ReadOnlySpan<byte> f, ulong a, ulong b, ulong c) => Format(f, a, b, c, 0, 0, 0, 0, 0);

    public void Format(ReadOnlySpan<byte> f, ulong a, ulong b, ulong c, ulong d) => Format(f, a, b, c, d, 0, 0, 0, 0);

    public void Format(ReadOnlySpan<byte> f, ulong a, ulong b, ulong c, ulong d, ulong e) => Format(f, a, b, c, d, e, 0, 0, 0);

    public void Format(ReadOnlySpan<byte> f, ulong a, ulong b, ulong c, ulong d, ulong e, ulong g) => Format(f, a, b, c, d, e, g, 0, 0);

    public void Format(ReadOnlySpan<byte> f, ulong a, ulong b, ulong c, ulong d, ulong e, ulong g, ulong h) => Format(f, a, b, c, d, e, g, h, 0);

    public void Format(ReadOnlySpan<byte> f, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5, ulong a6, ulong a7)
    {
        ulong* args = stackalloc ulong[8];
        args[0] = a0; args[1] = a1; args[2] = a2; args[3] = a3; args[4] = a4; args[5] = a5; args[6] = a6; args[7] = a7;
        int next = 0;
        for (int i = 0; i < f.Length; i++)
        {
            if (f[i] != '%' || i + 1 >= f.Length) { Put(f[i]); continue; }
            i++;
            bool left = false, zero = false, wide = false;
            for (; f[i] == '-' || f[i] == '0'; i++) { if (f[i] == '-') left = true; else zero = true; }
            int width = 0;
            for (; f[i] >= '0' && f[i] <= '9'; i++) width = width * 10 + f[i] - '0';
            for (; f[i] == 'l' || f[i] == 'z' || f[i] == 'h'; i++) wide |= f[i] != 'h';
            ulong a = f[i] == '%' ? 0 : args[next++ & 7];
            PutConversion(f[i], a, left ? -width : width, zero && !left ? (byte)'0' : (byte)' ', wide);
        }
    }

    private void PutConversion(byte kind, ulong a, int width, byte pad, bool wide)
    {
        if (kind == '%') Put(kind);
        else if (kind == 'c') Put((byte)a);
        else if (kind == 's')
        {
            byte* s = (byte*)a;
            int n = Text.Length(s);
            for (int k = n; k < width; k++) Put((byte)' ');
            PutString(s);
            for (int k = n; k < -width; k++) Put((byte)' ');
        }
        else if (kind == 'd' || kind == 'i')
        {
            long v = wide ? (long)a : (int)a;
            PutNumber(v < 0 ? (ulong)-v : (ulong)v, v < 0, 10, width, pad, false);
        }
        else if (kind == 'u') PutNumber(wide ? a : (uint)a, false, 10, width, pad, false);
        else if (kind == 'p') { Put("0x"u8); PutNumber(a, false, 16, 0, (byte)' ', false); }
        else PutNumber(wide ? a : (uint)a, false, 16, width, pad, kind == 'X');
    }
}
