using CoSim.Hw.Zen2Core.Isa;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>One instruction on the processor of the manual: its operands, the state before, which becomes the state after.</summary>
/// <param name="state">State before; changed.</param>
/// <param name="memory">Memory before, with room for changes.</param>
/// <param name="instruction">The instruction.</param>
internal sealed class ManualProcessor(ManualState state, ManualMemory memory, Instruction instruction)
{
    public const uint Carry = 1, Zero = 0x40, ArithmeticFlags = 0x8D5;

    public ManualState S { get; } = state;

    public ManualMemory Memory { get; } = memory;

    public Instruction I { get; } = instruction;

    public Mnemonic Mnemonic => I.Mnemonic;

    /// <summary>I/O privilege level.</summary>
    public int Iopl => (int)(S.Rflags >> 12) & 3;

    /// <summary>Registers whose value the manual leaves open: the comparison takes the engine's.</summary>
    public HashSet<int> OpenRegisters { get; } = [];

    /// <summary>Addresses whose contents the manual leaves open.</summary>
    public ulong[] Unspecified { get; set; } = [];

    /// <summary>The instruction stops the core.</summary>
    public bool Halts { get; set; }

    /// <summary>The case leads where the operation does not go, and is not compared.</summary>
    public bool IsOutside { get; set; }

    public static bool IsCanonical(ulong address) => (ulong)((long)(address << 16) >> 16) == address;

    public bool Cr4(int bit) => ((S.Cr4 >> bit) & 1) != 0;

    /// <summary>#GP(0) for programs.</summary>
    public void NeedsLevel0()
    {
        if (S.Cpl != 0)
            throw ManualException.Protection(0);
    }

    /// <summary>Linear address of the memory operand: 64-bit code has no bases but those of FS and GS; the others are 0 here.</summary>
    public ulong Address
    {
        get
        {
            ulong address = I.MemoryDisplacement64;
            if (I.MemoryBase is not (Register.None or Register.RIP or Register.EIP))
                address += S.Gpr[I.MemoryBase.GetFullRegister().GetNumber()];
            int bytes = I.MemoryBase == Register.None ? I.MemoryDisplSize : I.MemoryBase.GetSize();
            return bytes == 8 ? address : bytes == 2 ? (ushort)address : (uint)address;
        }
    }

    /// <summary>Reads an operand, zero-extended.</summary>
    public ulong Operand(int n, int size) => I.GetOpKind(n) switch
    {
        OpKind.Memory => Memory.Read(Address, size, S.Cpl),
        OpKind.Register => Truncate(ReadRegister(I.GetOpRegister(n)), size),
        _ => Truncate(I.GetImmediate(n), size),
    };

    /// <summary>Writes an operand: 4 bytes of a register clear its upper half, fewer leave the rest.</summary>
    public void SetOperand(int n, ulong value, int size)
    {
        if (I.GetOpKind(n) == OpKind.Memory)
            Memory.Store(Address, value, size, S.Cpl);
        else
            SetRegister(I.GetOpRegister(n), value);
    }

    public ulong ReadRegister(Register register) => register switch
    {
        _ when register.IsSegmentRegister() => S.Segments[register.GetNumber()].Selector,
        >= Register.AH and <= Register.BH => (S.Gpr[register - Register.AH] >> 8) & 0xFF,
        _ => Truncate(S.Gpr[register.GetNumber()], register.GetSize()),
    };

    public void SetRegister(Register register, ulong value)
    {
        int number = register.GetNumber();
        S.Gpr[number] = register.GetSize() switch
        {
            8 => value,
            4 => (uint)value,
            2 => (S.Gpr[number] & ~0xFFFFUL) | (ushort)value,
            _ => (S.Gpr[number] & ~0xFFUL) | (byte)value,
        };
    }

    /// <summary>EDX:EAX, both with their upper halves cleared.</summary>
    public void SetPair(ulong value)
    {
        S.Gpr[0] = (uint)value;
        S.Gpr[2] = value >> 32;
    }

    public ulong Pair => (uint)S.Gpr[0] | (S.Gpr[2] << 32);

    public void SetFlag(uint flag, bool value) => S.Rflags = value ? S.Rflags | flag : S.Rflags & ~(ulong)flag;

    /// <summary>Pushes onto the stack of the present level.</summary>
    public void Push(ulong value, int size)
    {
        ulong top = S.Gpr[4] - (ulong)size;
        Memory.Store(S.Is64Bit ? top : (uint)top, value, size, S.Cpl);
        S.Gpr[4] = S.Is64Bit ? top : (uint)top;
    }

    /// <summary>Reads what a pop at a distance from the top of the stack would read.</summary>
    public ulong Peek(int offset, int size)
    {
        ulong at = S.Gpr[4] + (ulong)offset;
        return Memory.Read(S.Is64Bit ? at : (uint)at, size, S.Cpl);
    }

    /// <summary>Drops bytes from the stack.</summary>
    public void Drop(int bytes) => S.Gpr[4] = S.Is64Bit ? S.Gpr[4] + (ulong)bytes : (uint)(S.Gpr[4] + (ulong)bytes);

    public static ulong Truncate(ulong value, int size) => size >= 8 ? value : value & ((1UL << (8 * size)) - 1);

    /// <summary>Where branches of these tests go, whether or not there is code.</summary>
    public static ulong SomeTarget(CaseRandom random) => OracleLayout.Code + 0x40 + (ulong)random.Below(0x40);
}
