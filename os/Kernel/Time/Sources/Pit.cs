using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>The 8254 interval timer (ports 40h-43h, gate and output of channel 2 in port 61h).</summary>
internal static class Pit
{
    internal const uint Hz = 1193182;
    internal const ushort Channel0 = 0x40, Channel2 = 0x42, Mode = 0x43, Gate = 0x61;

    /// <summary>Divisor of a tick of HZ.</summary>
    private const uint TickLatch = (Hz + TimeUnits.Hz / 2) / TimeUnits.Hz;

    /// <summary>Opens the gate of channel 2, speaker off, and loads it for one countdown (mode 0, both bytes, binary).</summary>
    internal static void StartChannel2(uint latch)
    {
        Machine.Out8(Gate, (byte)((Machine.In8(Gate) & ~0x02) | 0x01));
        Machine.Out8(Mode, 0xB0);
        Machine.Out8(Channel2, (byte)latch);
        Machine.Out8(Channel2, (byte)(latch >> 8));
    }

    /// <summary>Channel 2 has counted to zero (OUT2, port 61h bit 5).</summary>
    internal static bool Channel2Expired => (Machine.In8(Gate) & 0x20) != 0;

    /// <summary>True while the high byte of channel 2 is <paramref name="msb"/>; reads both bytes.</summary>
    internal static bool MsbIs(byte msb)
    {
        Machine.In8(Channel2);
        return Machine.In8(Channel2) == msb;
    }

    /// <summary>Channel 0 interrupts HZ times a second (mode 2).</summary>
    internal static void StartPeriodic()
    {
        Machine.Out8(Mode, 0x34);
        Machine.Out8(Channel0, (byte)(TickLatch & 0xFF));
        Machine.Out8(Channel0, (byte)(TickLatch >> 8));
    }

    /// <summary>Channel 0 interrupts once, in so many counts (mode 0, whose output rises at the end).</summary>
    internal static void SetNext(ushort ticks)
    {
        Machine.Out8(Mode, 0x30);
        Machine.Out8(Channel0, (byte)ticks);
        Machine.Out8(Channel0, (byte)(ticks >> 8));
    }

    /// <summary>Channel 0 stands still: mode 0 with no count.</summary>
    internal static void Stop()
    {
        Machine.Out8(Mode, 0x30);
        Machine.Out8(Channel0, 0);
        Machine.Out8(Channel0, 0);
        Machine.Out8(Mode, 0x30);
    }
}
