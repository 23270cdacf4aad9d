using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Machine.Tests;

/// <summary>Programs for the bare machine in flat 32-bit protected mode, without firmware or paging.</summary>
internal static class ProtectedProgram
{
    /// <summary>Selectors.</summary>
    public const ushort Code = 8, Data = 16;

    private const uint Descriptors = 0x1000, Start = 0x20000;

    /// <summary>Puts a program into memory and the boot processor at its first instruction, with interrupts off.</summary>
    public static void Enter(Hw.Board.Machine machine, Action<Assembler> program)
    {
        machine.PreparePlatform();
        machine.Load(Descriptors, [.. BitConverter.GetBytes(0UL), .. BitConverter.GetBytes(0x00CF9B000000FFFF), .. BitConverter.GetBytes(0x00CF93000000FFFF)]);
        Load(machine, 32, Start, program);
        machine.Enter(new DirectEntry { Rip = Start, DescriptorTable = Descriptors, DescriptorTableLength = 24, CodeSelector = Code, DataSelector = Data });
    }

    /// <summary>Puts code into memory; 16-bit code begins at offset 0 of its segment.</summary>
    public static void Load(Hw.Board.Machine machine, int bits, uint address, Action<Assembler> program)
    {
        Assembler assembler = new(bits);
        program(assembler);
        using MemoryStream stream = new();
        assembler.Assemble(new StreamCodeWriter(stream), bits == 16 ? 0 : address);
        machine.Load(address, stream.ToArray());
    }

    /// <summary>An interrupt gate for an interrupt descriptor table.</summary>
    public static byte[] Gate(uint handler) =>
        BitConverter.GetBytes((handler & 0xFFFF) | ((ulong)Code << 16) | (0x8E00UL << 32) | ((ulong)(handler >> 16) << 48));

    /// <summary>S5 by PM1 control.</summary>
    public static void PowerOff(Assembler a)
    {
        a.mov(dx, 0x804);
        a.mov(ax, (5 << 10) | (1 << 13) | 1);
        a.@out(dx, ax);
        a.hlt();
    }

    /// <summary>A doubleword of memory.</summary>
    public static uint Read(Bench bench, uint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        bench.Machine.Memory.Read(address, bytes);
        return BitConverter.ToUInt32(bytes);
    }
}
