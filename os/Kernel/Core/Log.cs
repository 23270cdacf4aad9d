using System;
using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The kernel log: "[    0.123456] text" on the serial console and in a ring that syslog(2) and /proc/kmsg read.</summary>
public static unsafe class Log
{
    private const int RingSize = 65536;
    private const int LineSize = 400;

    [InlineArray(RingSize)]
    private struct RingBytes { private byte _first; }

    private static RingBytes s_ring;
    private static ulong s_written;
    private static SpinLock s_lock;

    /// <summary>False mutes the console (kernel parameter "quiet"); the ring still gets everything.</summary>
    public static bool ConsoleEnabled;

    public static void Print(ReadOnlySpan<byte> format) => Print(format, 0, 0, 0, 0, 0, 0, 0, 0);

    public static void Print(ReadOnlySpan<byte> format, ulong a) => Print(format, a, 0, 0, 0, 0, 0, 0, 0);

    public static void Print(ReadOnlySpan<byte> format, ulong a, ulong b) => Print(format, a, b, 0, 0, 0, 0, 0, 0);

    public static void Print(ReadOnlySpan<byte> format, ulong a, ulong b, ulong c) => Print(format, a, b, c, 0, 0, 0, 0, 0);

    public static void Print(ReadOnlySpan<byte> format, ulong a, ulong b, ulong c, ulong d) => Print(format, a, b, c, d, 0, 0, 0, 0);

    public static void Print(ReadOnlySpan<byte> format, ulong a, ulong b, ulong c, ulong d, ulong e) => Print(format, a, b, c, d, e, 0, 0, 0);

    public static void Print(ReadOnlySpan<byte> format, ulong a, ulong b, ulong c, ulong d, ulong e, ulong f) => Print(format, a, b, c, d, e, f, 0, 0);

    public static void Print(ReadOnlySpan<byte> format, ulong a, ulong b, ulong c, ulong d, ulong e, ulong f, ulong g) => Print(format, a, b, c, d, e, f, g, 0);

    /// <summary>
    /// Logs one line (no newline in the format). Conversions as in <see cref="TextBuffer.Format(ReadOnlySpan{byte}, ulong)"/>.
    /// The stamp is Time.LogClock(): seconds and microseconds since the kernel started, 0 before the clock exists.
    /// Safe in interrupt handlers.
    /// </summary>
    public static void Print(ReadOnlySpan<byte> format, ulong a, ulong b, ulong c, ulong d, ulong e, ulong f, ulong g, ulong h)
    {
        byte* line = stackalloc byte[LineSize];
        TextBuffer t = new TextBuffer(line, LineSize - 1);
        ulong microseconds = Time.LogClock() / 1000;
        t.Format("[%5llu.%06llu] "u8, microseconds / 1000000, microseconds % 1000000);
        t.Format(format, a, b, c, d, e, f, g, h);
        line[t.Length++] = (byte)'\n';
        ulong flags = s_lock.AcquireIrqSave();
        byte* ring = (byte*)Text.Address(ref s_ring);
        for (int i = 0; i < t.Length; i++) ring[s_written++ % RingSize] = line[i];
        if (ConsoleEnabled) SerialPort.Write(line, t.Length);
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Copies the newest <paramref name="capacity"/> bytes of the ring, oldest first. Returns the number copied.</summary>
    public static int Snapshot(byte* to, int capacity)
    {
        ulong flags = s_lock.AcquireIrqSave();
        ulong have = s_written < RingSize ? s_written : RingSize;
        ulong n = have < (ulong)capacity ? have : (ulong)capacity;
        byte* ring = (byte*)Text.Address(ref s_ring);
        for (ulong i = 0; i < n; i++) to[i] = ring[(s_written - n + i) % RingSize];
        s_lock.ReleaseIrqRestore(flags);
        return (int)n;
    }

    /// <summary>Bytes held by the ring, and its capacity.</summary>
    public static int Size => (int)(s_written < RingSize ? s_written : RingSize);

    public static int Capacity => RingSize;

    /// <summary>
    /// Logs the reason and stops this CPU (and, by their next interrupt, the others); with a negative kernel parameter "panic"
    /// it restarts the machine at once, as Linux does. Never returns.
    /// </summary>
    public static void Panic(ReadOnlySpan<byte> format, ulong a, ulong b)
    {
        Machine.Cli();
        ConsoleEnabled = true;
        Print("Kernel panic - not syncing:"u8);
        Print(format, a, b);
        if (CommandLine.Find("panic"u8, out byte* seconds, out int length) && length > 0 && *seconds == '-') Power.Restart();
        Power.Halt();
    }

    /// <summary>Logs a fixed reason and stops.</summary>
    public static void Panic(ReadOnlySpan<byte> reason) => Panic(reason, 0, 0);
}
