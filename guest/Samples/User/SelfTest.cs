using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;

namespace CoSim.Guest.Samples;

/// <summary>Checks of the core library where it runs: each returns whether it holds.</summary>
public static unsafe class SelfTest
{
    private static ulong s_seed = 7742;

    /// <summary>Runs all checks.</summary>
    /// <returns>0, or the number of the first that fails.</returns>
    public static int Run()
    {
        for (int i = 0; i < 1000; i++)
        {
            ulong a = Next() >> (int)(Next() & 63), b = Next() | 1;
            if (!Bits(a)) return 1;
            if (!WideArithmetic(a, b)) return 2;
        }
        if (!Atomics()) return 3;
        if (!Spans()) return 4;
        if (!OverlappingMove()) return 5;
        if (!LargeFrame(9)) return 6;
        return 0;
    }

    private static ulong Next()
    {
        s_seed ^= s_seed << 13;
        s_seed ^= s_seed >> 7;
        s_seed ^= s_seed << 17;
        return s_seed;
    }

    private static bool Bits(ulong value)
    {
        int leading = 0, trailing = 0, ones = 0;
        while (leading < 64 && (value >> 63 - leading & 1) == 0) leading++;
        while (trailing < 64 && (value >> trailing & 1) == 0) trailing++;
        for (int i = 0; i < 64; i++) ones += (int)(value >> i & 1);
        return BitOperations.LeadingZeroCount(value) == leading && BitOperations.TrailingZeroCount(value) == trailing && BitOperations.PopCount(value) == ones
            && (value == 0 || BitOperations.Log2(value) == 63 - leading) && BitOperations.RotateLeft(value, 13) == (value << 13 | value >> 51)
            && BitOperations.LeadingZeroCount((uint)value) == LeadingZeros((uint)value);
    }

    private static int LeadingZeros(uint value)
    {
        int n = 0;
        while (n < 32 && (value >> 31 - n & 1) == 0) n++;
        return n;
    }

    private static bool WideArithmetic(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        ulong quotient = Machine.Divide(high, low, b, out ulong remainder); // a * b / b never overflows, as high is below b
        return quotient == a && remainder == 0 && low == unchecked(a * b);
    }

    private static bool Atomics()
    {
        uint word = 5;
        ulong quad = 6;
        bool ok = Interlocked.CompareExchange(ref word, 7, 5) == 5 && word == 7 && Interlocked.CompareExchange(ref word, 9, 5) == 7 && word == 7;
        ok &= Interlocked.Exchange(ref quad, ulong.MaxValue) == 6 && Interlocked.Add(ref quad, 2) == 1 && quad == 1;
        Machine.LockAdd32(&word, 3);
        Machine.LockOr64(&quad, 1UL << 63);
        return ok && word == 10 && quad == (1UL << 63 | 1) && Machine.ExchangeAdd32(&word, 1) == 10 && Volatile.Read(ref word) == 11;
    }

    private static bool Spans()
    {
        ReadOnlySpan<byte> text = "clock_gettime"u8;
        Span<int> numbers = stackalloc int[4];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = i * i;
        int sum = 0;
        foreach (int n in numbers[1..]) sum += n;
        return text[6..].SequenceEqual("gettime"u8) && text[^4..].StartsWith("tim"u8) && !text.StartsWith("time"u8) && sum == 14;
    }

    private static bool OverlappingMove()
    {
        byte* bytes = stackalloc byte[300];
        for (int i = 0; i < 300; i++) bytes[i] = (byte)i;
        SpanHelpers.Memmove(ref bytes[3], ref bytes[0], 250);
        bool ok = true;
        for (int i = 0; i < 250; i++) ok &= bytes[i + 3] == (byte)i;
        SpanHelpers.Memmove(ref bytes[0], ref bytes[3], 250);
        for (int i = 0; i < 250; i++) ok &= bytes[i] == (byte)i;
        return ok;
    }

    [InlineArray(2048)] private struct Pages { private ulong _first; }

    // A frame of 16 KiB: the compiler probes the stack and clears it in a loop.
    private static bool LargeFrame(ulong value)
    {
        Pages pages = default;
        pages[2047] = value;
        Pages copy = pages;
        return copy[2047] == value && copy[0] == 0 && copy[1000] == 0;
    }
}
