using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Operands and registers of string instructions and of the others with memory at RSI or RDI.</summary>
internal static class StringOperands
{
    /// <summary>Chooses a repeat prefix, or none.</summary>
    public static void ChooseRepeat(ref Instruction instruction, CaseRandom random)
    {
        switch (random.Below(4))
        {
            case 0:
                break;
            case 1:
                instruction.HasRepnePrefix = true;
                break;
            default:
                instruction.HasRepPrefix = true;
                break;
        }
    }

    /// <summary>Sets an operand at RSI or RDI. False: the operand is of another kind.</summary>
    public static bool TryChoose(ref Instruction instruction, int operand, OpCodeOperandKind kind, CaseRandom random, Addressing addressing)
    {
        if (kind is not (OpCodeOperandKind.seg_rSI or OpCodeOperandKind.es_rDI or OpCodeOperandKind.seg_rDI))
            return false;

        // Both operands of an instruction have one address size: that of the first decides.
        bool narrow = operand > 0 && instruction.Op0Kind is OpKind.MemoryESEDI or OpKind.MemorySegESI or OpKind.MemorySegEDI
            || (!(operand > 0 && instruction.Op0Kind is OpKind.MemoryESRDI or OpKind.MemorySegRSI or OpKind.MemorySegRDI)
                && (addressing & Addressing.Bits32) != 0 && random.OneIn(4));
        instruction.SetOpKind(operand, (kind, narrow) switch
        {
            (OpCodeOperandKind.seg_rSI, false) => OpKind.MemorySegRSI,
            (OpCodeOperandKind.seg_rSI, true) => OpKind.MemorySegESI,
            (OpCodeOperandKind.seg_rDI, false) => OpKind.MemorySegRDI,
            (OpCodeOperandKind.seg_rDI, true) => OpKind.MemorySegEDI,
            (_, false) => OpKind.MemoryESRDI,
            (_, true) => OpKind.MemoryESEDI,
        });
        return true;
    }

    /// <summary>Points RSI, RDI and RCX of a string instruction into the scratch memory; some counts run out of it.</summary>
    public static unsafe void SetRegisters(in Instruction instruction, CaseRandom random, ref MachineImage image)
    {
        bool narrow = instruction.Op0Kind is OpKind.MemoryESEDI or OpKind.MemorySegESI || instruction.Op1Kind is OpKind.MemoryESEDI or OpKind.MemorySegESI;
        image.Gpr[1] = random.Below(12) switch
        {
            0 => 0,
            1 => 1,
            2 => (ulong)random.Below(0x4000),
            _ => (ulong)random.Below(40),
        };
        if (narrow && random.OneIn(2))
            image.Gpr[1] |= random.Next() << 32;
        ulong source = OracleLayout.OperandOffset + (ulong)random.Below(256);
        ulong distance = (ulong)(random.OneIn(2) ? random.Below(48) - 24 : random.Below(512) - 256);
        image.Gpr[6] = OracleLayout.Scratch + source;
        image.Gpr[7] = OracleLayout.Scratch + source + distance;
        if (instruction.SegmentPrefix is Register.FS or Register.GS)
            image.Gpr[6] -= image.GsBase;
        if (!narrow)
            return;
        image.Gpr[6] = (uint)image.Gpr[6] | (random.Next() << 32);
        image.Gpr[7] = (uint)image.Gpr[7] | (random.Next() << 32);
    }

    /// <summary>Moves one of the operands of a string instruction to a boundary.</summary>
    public static unsafe void Move(in Instruction instruction, CaseRandom random, Placement placement, ref MachineImage image)
    {
        ulong address = Placements.Address(placement, 32, random);
        bool source = instruction.MemorySegment != Register.None && instruction.Op0Kind is OpKind.MemorySegRSI or OpKind.MemorySegESI
            || instruction.Op1Kind is OpKind.MemorySegRSI or OpKind.MemorySegESI;
        int moved = source && random.OneIn(2) ? 6 : 7;
        image.Gpr[moved] = moved == 6 && instruction.SegmentPrefix is Register.FS or Register.GS ? address - image.GsBase : address;
    }
}
