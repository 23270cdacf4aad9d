using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>Exceptions end the run; interrupts are counted by vector, with the time stamp of the last one.</summary>
internal static unsafe class Traps
{
    private const int Vectors = 256, FirstInterrupt = 32;
    private const ulong InterruptGate = 0x8E00;

    private static Gates s_gates;
    private static Counts s_counts;
    private static ulong s_operand0, s_operand1;
    private static ulong s_lastStamp;

    [InlineArray(Vectors * 2)] private struct Gates { private ulong _first; }
    [InlineArray(Vectors)] private struct Counts { private uint _first; }

    /// <summary>The TSC when the last interrupt came.</summary>
    internal static ulong LastStamp => Volatile.Read(ref s_lastStamp);

    /// <summary>Fills the table and loads it on this processor.</summary>
    internal static void Initialise()
    {
        ulong* gates = (ulong*)Unsafe.AsPointer(ref s_gates);
        for (uint v = 0; v < Vectors; v++)
        {
            ulong entry = Machine.TrapEntries + v * 16;
            gates[v * 2] = entry & 0xFFFF | (ulong)Machine.KernelCode << 16 | InterruptGate << 32 | (entry & 0xFFFF0000) << 32;
            gates[v * 2 + 1] = entry >> 32;
        }
        Load();
    }

    /// <summary>Loads the table on another processor.</summary>
    internal static void Load()
    {
        ulong gates = (ulong)Unsafe.AsPointer(ref s_gates);
        s_operand0 = Vectors * 16 - 1 | gates << 16;
        s_operand1 = gates >> 48;
        Machine.Lidt(Unsafe.AsPointer(ref s_operand0));
    }

    /// <summary>How often a vector has interrupted.</summary>
    internal static uint Count(int vector) => Volatile.Read(ref ((uint*)Unsafe.AsPointer(ref s_counts))[vector]);

    [RuntimeExport("kernel_trap")]
    private static void Trap(CpuFrame* frame)
    {
        if (frame->Vector >= FirstInterrupt)
        {
            Volatile.Write(ref s_lastStamp, Machine.RdtscOrdered());
            ((uint*)Unsafe.AsPointer(ref s_counts))[frame->Vector]++;
            Apic.Eoi();
            return;
        }
        Out.Write("bare: exception "u8);
        Out.Decimal(frame->Vector);
        Out.Line(" at "u8, frame->Rip, ""u8);
        Marker.ExitStatus(3);
        for (; ; ) Machine.Hlt();
    }
}
