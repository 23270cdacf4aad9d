using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Firmware.Hardware;

/// <summary>Model-specific registers that may be absent: a general protection fault reads as 0 and writes nothing.</summary>
public static unsafe class Msr
{
    /// <summary>Local APIC base; SYSCFG; top of memory below 4 GiB and above (AMD PPR for family 17h model 31h, section 2.1.14).</summary>
    public const uint ApicBase = 0x1B, SystemConfiguration = 0xC0010010, TopMem = 0xC001001A, TopMem2 = 0xC001001D;
    /// <summary>HWCR, and its bit that makes the SMM registers read-only (section 2.1.14, HWCR.SmmLock).</summary>
    public const uint HardwareConfiguration = 0xC0010015, SmmLock = 1;
    /// <summary>Base of PCI configuration space in memory; definition of P-state 0.</summary>
    public const uint MmioConfigBase = 0xC0010058, PState0 = 0xC0010064;

    /// <summary>Time-stamp counter; CSTATE_CONFIG and its bits that allow CC6 (section 2.1.14).</summary>
    public const uint TimeStampCounter = 0x10, CStateConfiguration = 0xC0010296, DeepIdle = 1 << 6 | 1 << 14 | 1 << 22;

    private const int Gates = 32;
    private const byte TwoByteOpcode = 0x0F, Rdmsr = 0x32, Wrmsr = 0x30;
    private const ulong GeneralProtection = 13;

    private static GateTable s_gates;
    private static Operand s_operand;

    [InlineArray(Gates * 2)] private struct GateTable { private ulong _first; }

    private struct Operand
    {
        public ulong Low, High;
    }

    /// <summary>Installs handlers for the exceptions, all of which end in <see cref="Trap"/>.</summary>
    public static void InstallTraps()
    {
        ulong* gates = (ulong*)Unsafe.AsPointer(ref s_gates);
        ulong entries = Machine.TrapEntries;
        for (uint v = 0; v < Gates; v++)
        {
            ulong entry = entries + v * 16;
            gates[v * 2] = entry & 0xFFFF | (ulong)Machine.KernelCode << 16 | 0x8E00UL << 32 | (entry & 0xFFFF0000) << 32;
            gates[v * 2 + 1] = 0;
        }
        s_operand.Low = Gates * 16 - 1 | (ulong)gates << 16;
        Machine.Lidt(Unsafe.AsPointer(ref s_operand));
    }

    /// <summary>Handles exceptions: skips RDMSR and WRMSR of absent registers, stops on anything else.</summary>
    [RuntimeExport("kernel_trap")]
    public static void Trap(CpuFrame* frame)
    {
        byte* code = (byte*)frame->Rip;
        if (frame->Vector == GeneralProtection && code[0] == TwoByteOpcode && code[1] is Rdmsr or Wrmsr)
        {
            if (code[1] == Rdmsr) frame->Rax = frame->Rdx = 0;
            frame->Rip += 2;
            return;
        }
        Console.Write("firmware: exception "u8);
        Console.Decimal(frame->Vector);
        Console.Write(" at "u8);
        Console.Hex(frame->Rip);
        Console.Write("\n"u8);
        Stop();
    }

    /// <summary>Where failed checks of the compiler go.</summary>
    [RuntimeExport("guest_panic")]
    public static void Panic(PanicReason reason)
    {
        Console.Write("firmware: internal error "u8);
        Console.Decimal((ulong)reason);
        Console.Write("\n"u8);
        Stop();
    }

    /// <summary>The end: halts with interrupts off.</summary>
    public static void Stop()
    {
        for (; ; )
        {
            Machine.Cli();
            Machine.Hlt();
        }
    }
}
