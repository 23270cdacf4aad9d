using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// What a core needs to take exceptions from user mode: descriptor tables, a stack, and a handler for each vector that halts. The
/// handler's address tells the vector, the stack frame the rest.
/// </summary>
internal static unsafe class OracleKernel
{
    /// <summary>Physical address of six pages of page tables.</summary>
    public const ulong PageTables = 0x1000;

    /// <summary>Linear address at which the supervisor sees the first 2 MiB of memory: above everything that the host maps for users.</summary>
    public const ulong Base = 0xFFFF_FFFF_C000_0000;

    /// <summary>Physical address of the interrupt descriptor table.</summary>
    public const ulong Idt = 0x9000;

    private const ulong Gdt = 0x8000, Tss = 0x8800, Handlers = 0xA000, StackTop = 0x1_0000;
    private const int HandlerBytes = 16, Vectors = 256;
    private const byte Hlt = 0xF4;
    private const ushort CodeSelector = 8, TssSelector = 0x40;

    /// <summary>Writes tables and handlers.</summary>
    public static void Write(PhysicalMemory memory)
    {
        const ulong userGate = 0xEE00, interruptGate = 0x8E00, codeDescriptor = 0x00AF_9B00_0000_FFFF;
        Put(memory, Gdt + CodeSelector, codeDescriptor);

        // Where Linux has the segments of its users.
        Put(memory, Gdt + 0x20, 0x00CF_FB00_0000_FFFF);
        Put(memory, Gdt + 0x28, 0x00CF_F300_0000_FFFF);
        Put(memory, Gdt + 0x30, 0x00AF_FB00_0000_FFFF);
        Put(memory, Tss + 4, Base + StackTop);

        // No I/O permission bitmap: ports are closed to programs.
        memory.Write(Tss + 0x66, [0x68, 0]);
        for (uint vector = 0; vector < Vectors; vector++)
        {
            ulong handler = Base + Handlers + (vector * HandlerBytes);
            memory.Write(Handlers + (vector * HandlerBytes), [Hlt]);

            // INT3 and INTO may be raised by programs.
            ulong gate = vector is ExceptionVector.Breakpoint or ExceptionVector.Overflow ? userGate : interruptGate;
            Put(memory, Idt + (vector * 16), (handler & 0xFFFF) | ((ulong)CodeSelector << 16) | (gate << 32) | ((handler & 0xFFFF_0000) << 32));
            Put(memory, Idt + (vector * 16) + 8, handler >> 32);
        }
    }

    /// <summary>Points a core at the tables.</summary>
    public static void SetRegisters(CpuState* s)
    {
        s->Gdtr = new TableRegister { Base = Base + Gdt, Limit = 0x7F };
        s->Idtr = new TableRegister { Base = Base + Idt, Limit = (Vectors * 16) - 1 };
        CpuState.Segment(s, SegmentIndex.Tr) = new SegmentRegister { Selector = TssSelector, Attributes = 0x8B, Limit = 0x67, Base = Base + Tss };
    }

    /// <summary>The exception that a halted core took.</summary>
    /// <param name="s">The core.</param>
    /// <param name="memory">Its memory.</param>
    public static ExceptionFrame Taken(CpuState* s, PhysicalMemory memory)
    {
        uint vector = (uint)((s->Rip - 1 - Base - Handlers) / HandlerBytes);
        bool hasCode = ExceptionVector.HasErrorCode(vector);
        ulong* frame = (ulong*)memory.PointerTo(StackTop - (hasCode ? 48u : 40u), out _);
        ulong code = hasCode ? *frame++ : 0;
        return new ExceptionFrame(vector, code, frame[0], (ushort)frame[1], frame[2], frame[3], (ushort)frame[4]);
    }

    private static void Put(PhysicalMemory memory, ulong address, ulong value) => memory.Write(address, BitConverter.GetBytes(value));
}

/// <summary>An exception as its handler finds it.</summary>
/// <param name="Vector">0 to 255.</param>
/// <param name="ErrorCode">Error code, 0 for vectors that have none.</param>
/// <param name="Rip">Instruction pointer pushed.</param>
/// <param name="Cs">Code selector pushed.</param>
/// <param name="Rflags">Flags pushed.</param>
/// <param name="Rsp">Stack pointer pushed.</param>
/// <param name="Ss">Stack selector pushed.</param>
internal readonly record struct ExceptionFrame(uint Vector, ulong ErrorCode, ulong Rip, ushort Cs, ulong Rflags, ulong Rsp, ushort Ss);
