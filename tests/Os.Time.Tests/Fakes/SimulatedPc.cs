namespace CoSim.Os.Timekeeping.Tests;

/// <summary>
/// The hardware that calibration touches, on one exact clock: TSC, channel 2 of the 8254, PM timer, HPET. A port access
/// takes a microsecond, as behind a real south bridge.
/// </summary>
internal static class SimulatedPc
{
    private const long PicosecondsPerMicrosecond = 1_000_000;

    private static long s_now;
    private static long s_loadedAt;
    private static uint s_latch;
    private static bool s_highByte, s_loadHigh;
    private static byte s_port61;
    private static long s_disturbEvery, s_nextDisturbance;

    internal static ulong TscKhz { get; private set; }
    internal static bool PitWorks { get; set; }
    internal static List<string> LogLines { get; } = [];

    /// <summary>A machine whose clock starts at an odd moment; every <paramref name="disturbEveryUs"/> it stops for 300 us (SMI); 0 never.</summary>
    internal static void Reset(ulong tscKhz, long disturbEveryUs)
    {
        TscKhz = tscKhz;
        s_now = 123_456_789;
        s_latch = 0xFFFF;
        s_loadedAt = 0;
        s_highByte = s_loadHigh = false;
        s_port61 = 0;
        s_disturbEvery = disturbEveryUs * PicosecondsPerMicrosecond;
        s_nextDisturbance = s_disturbEvery == 0 ? long.MaxValue : s_now + s_disturbEvery;
        PitWorks = true;
        LogLines.Clear();
    }

    private static void Pass(long picoseconds)
    {
        s_now += picoseconds;
        if (s_now < s_nextDisturbance) return;
        s_now += 300 * PicosecondsPerMicrosecond;
        s_nextDisturbance = s_now + s_disturbEvery;
    }

    private static ulong Ticks(ulong hz, long since) => (ulong)((UInt128)(ulong)(s_now - since) * hz / 1_000_000_000_000);

    internal static ulong Rdtsc()
    {
        Pass(10_000);
        return Ticks(TscKhz * 1000, 0);
    }

    internal static uint PmTimer()
    {
        Pass(PicosecondsPerMicrosecond);
        return (uint)Ticks(3_579_545, 0) & 0xFFFFFF;
    }

    internal static uint Hpet()
    {
        Pass(PicosecondsPerMicrosecond);
        return (uint)((UInt128)(ulong)s_now * 1000 / 69841279);
    }

    internal static byte In8(ushort port)
    {
        Pass(PicosecondsPerMicrosecond);
        ulong counted = PitWorks ? Ticks(1_193_182, s_loadedAt) : 0;
        if (port == 0x61) return (byte)(s_port61 & ~0x20 | (counted >= s_latch ? 0x20 : 0));
        s_highByte = !s_highByte;
        uint count = (uint)(s_latch - counted) & 0xFFFF;
        return (byte)(s_highByte ? count : count >> 8);
    }

    internal static void Out8(ushort port, byte value)
    {
        Pass(PicosecondsPerMicrosecond);
        if (port == 0x61) s_port61 = value;
        else if (port == 0x43) s_highByte = s_loadHigh = false;
        else if (!s_loadHigh)
        {
            s_latch = value;
            s_loadHigh = true;
        }
        else
        {
            s_latch |= (uint)value << 8;
            s_loadHigh = false;
            s_loadedAt = s_now;
        }
    }
}
