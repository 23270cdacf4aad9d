using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Which memory operands an instance may get.</summary>
[Flags]
public enum Addressing
{
    /// <summary>64-bit addresses from registers.</summary>
    Registers = 0,

    /// <summary>Fixed addresses too: relative to the instruction pointer, or absolute.</summary>
    Fixed = 1,

    /// <summary>Address-size overrides too.</summary>
    Bits32 = 2,

    /// <summary>FS and GS too.</summary>
    Segments = 4,

    /// <summary>Nothing but fixed addresses: programs that overwrite their registers.</summary>
    OnlyFixed = 8,

    /// <summary>Every kind.</summary>
    Any = Fixed | Bits32 | Segments,
}

/// <summary>Chooses addressing forms; the registers get their values from <see cref="CaseFactory"/>.</summary>
internal static class AddressChoice
{
    /// <summary>Gives the memory operand of an instruction a form.</summary>
    public static void Choose(ref Instruction instruction, OpCodeOperandKind kind, CaseRandom random, Addressing addressing)
    {
        if ((addressing & Addressing.Segments) != 0 && HostFeatures.SetsSegmentBases && random.OneIn(5))
            instruction.SegmentPrefix = random.OneIn(2) ? Register.FS : Register.GS;
        if (OperandChoice.IsVectorIndexed(kind))
        {
            instruction.MemoryIndex = (kind is OpCodeOperandKind.mem_vsib32x or OpCodeOperandKind.mem_vsib64x ? Register.XMM0 : Register.YMM0) + random.Below(16);
            instruction.MemoryIndexScale = 1 << random.Below(4);
            instruction.MemoryBase = AddressRegister(random, addressing);
            ChooseDisplacement(ref instruction, random);
            return;
        }

        if (CaseFactory.IsStateImage(instruction.Mnemonic))
            addressing &= ~Addressing.Fixed;
        bool isFixed = (addressing & Addressing.OnlyFixed) != 0 || ((addressing & Addressing.Fixed) != 0 && random.Below(5) < 2);
        if (isFixed && instruction.SegmentPrefix == Register.None)
        {
            if (random.OneIn(2))
                instruction.MemoryBase = Register.RIP;
            instruction.MemoryDisplSize = 8;
            instruction.MemoryDisplacement64 = OracleLayout.Scratch + OracleLayout.OperandOffset + (ulong)(random.Below(8) * 16);
            return;
        }

        Register address = AddressRegister(random, addressing);
        if (random.OneIn(3))
        {
            instruction.MemoryIndex = AddressRegister(random, Addressing.Registers) - Register.RAX + (address.Is64() ? Register.RAX : Register.EAX);
            instruction.MemoryIndexScale = 1 << random.Below(4);
        }

        instruction.MemoryBase = address;
        if (instruction.MemoryBase == instruction.MemoryIndex)
        {
            instruction.MemoryIndex = Register.None;
            instruction.MemoryIndexScale = 1;
        }

        ChooseDisplacement(ref instruction, random);
    }

    private static bool Is64(this Register register) => register.IsGPR64();

    private static void ChooseDisplacement(ref Instruction instruction, CaseRandom random)
    {
        int displacement = random.Below(3);
        instruction.MemoryDisplSize = displacement switch { 0 => 0, 1 => 1, _ => instruction.MemoryBase.GetSize() };
        instruction.MemoryDisplacement64 = displacement switch
        {
            0 => 0,
            1 => (ulong)(sbyte)random.Next(),
            _ => (ulong)(int)random.Next(),
        };
    }

    // RAX, RCX and RDX are implicit operands of many instructions, RSP is the stack: addresses live in the others.
    private static Register AddressRegister(CaseRandom random, Addressing addressing)
    {
        Register register = random.Pick<Register>(
        [
            Register.RBX, Register.RBP, Register.RSI, Register.RDI, Register.R8, Register.R9, Register.R10, Register.R11,
            Register.R12, Register.R13, Register.R14, Register.R15,
        ]);
        return (addressing & Addressing.Bits32) != 0 && random.OneIn(5) ? register - Register.RAX + Register.EAX : register;
    }
}
