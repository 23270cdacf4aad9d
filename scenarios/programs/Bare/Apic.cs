using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>The local APIC and the IO-APIC, as far as programs here need them (APM vol. 2, chapter 16).</summary>
internal static unsafe class Apic
{
    private const uint Local = 0xFEE00000, Io = 0xFEC00000;
    private const uint EoiOffset = 0xB0, Spurious = 0xF0, CommandLow = 0x300, CommandHigh = 0x310, TimerVector = 0x320, TimerCount = 0x380, TimerDivide = 0x3E0;
    private const uint Enabled = 0x1FF, DivideByOne = 0xB;

    internal static void Enable() => Write(Spurious, Enabled);

    internal static void Eoi() => Write(EoiOffset, 0);

    /// <summary>Sends INIT, start-up or a vector to a processor.</summary>
    internal static void Send(uint apicId, uint command)
    {
        Write(CommandHigh, apicId << 24);
        Write(CommandLow, command);
    }

    /// <summary>Interrupts this processor once, after a number of REFCLK ticks (10 ns).</summary>
    internal static void StartTimer(byte vector, uint ticks)
    {
        Write(TimerDivide, DivideByOne);
        Write(TimerVector, vector);
        Write(TimerCount, ticks);
    }

    /// <summary>Directs an IO-APIC pin to this processor: edge, active high.</summary>
    internal static void Route(uint pin, byte vector)
    {
        WriteIo(0x11 + 2 * pin, 0);
        WriteIo(0x10 + 2 * pin, vector);
    }

    private static void WriteIo(uint register, uint value)
    {
        *(uint*)(ulong)Io = register;
        *(uint*)(ulong)(Io + 0x10) = value;
    }

    private static void Write(uint offset, uint value) => *(uint*)(ulong)(Local + offset) = value;
}
