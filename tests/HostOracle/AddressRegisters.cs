using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Registers that make an instruction's memory operand lie where a case wants it.</summary>
internal static unsafe class AddressRegisters
{
    /// <summary>Sets base, index and the implicit address registers.</summary>
    public static void Set(in Instruction instruction, CaseRandom random, ulong target, Placement placement, ref MachineImage image)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Leave:
                image.Gpr[5] = image.Gpr[4] + (placement == Placement.Ordinary ? 64UL : 0);
                return;
            case Mnemonic.Enter:
                image.Gpr[5] = image.Gpr[4] + 512;
                return;
            case Mnemonic.Maskmovdqu or Mnemonic.Maskmovq or Mnemonic.Vmaskmovdqu:
                image.Gpr[7] = instruction.SegmentPrefix is Register.FS or Register.GS ? target - image.GsBase : target;
                return;
            case Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne or Mnemonic.Jrcxz or Mnemonic.Jecxz:
                if (random.OneIn(2))
                    image.Gpr[1] = ((ulong)random.Below(3) << 32) + (ulong)random.Below(3);
                return;
        }

        if (instruction.IsStringInstruction)
        {
            StringOperands.SetRegisters(instruction, random, ref image);
            if (placement != Placement.Ordinary)
                StringOperands.Move(instruction, random, placement, ref image);
            return;
        }

        if (HasMemory(instruction))
            SetBase(instruction, random, target, ref image);
    }

    private static void SetBase(in Instruction instruction, CaseRandom random, ulong target, ref MachineImage image)
    {
        LimitBitIndex(instruction, ref image);
        Register index = instruction.MemoryIndex, baseRegister = instruction.MemoryBase;
        ulong address = target - instruction.MemoryDisplacement64;
        if (instruction.SegmentPrefix is Register.FS or Register.GS)
            address -= image.GsBase;
        if (index.IsVectorRegister())
            SetIndices(instruction, random, ref image);
        else if (index != Register.None)
            address -= image.Gpr[index.GetNumber()] * (ulong)instruction.MemoryIndexScale;
        if (!baseRegister.IsGPR())
            return;

        // A 32-bit address takes no notice of what stands above.
        image.Gpr[baseRegister.GetNumber()] = baseRegister.IsGPR32() ? (uint)address | (random.Next() << 32) : address;
    }

    // Elements near the base, with now and then one that is not mapped.
    private static void SetIndices(in Instruction instruction, CaseRandom random, ref MachineImage image)
    {
        int bytes = instruction.IsVsib64 ? 8 : 4;
        for (int at = 0; at < 32; at += bytes)
        {
            long index = random.Below(128) - 64;
            if (random.OneIn(24))
                index = (int)random.Next();
            int lane = (instruction.MemoryIndex.GetNumber() * 32) + at;
            for (int n = 0; n < bytes; n++)
                image.Ymm[lane + n] = (byte)(index >> (8 * n));
        }
    }

    // BT, BTS, BTR and BTC with a register index reach memory far from their address; keep it in the scratch memory.
    private static void LimitBitIndex(in Instruction instruction, ref MachineImage image)
    {
        if (instruction.Mnemonic is not (Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc) || instruction.Op1Kind != OpKind.Register)
            return;
        ref ulong index = ref image.Gpr[instruction.Op1Register.GetNumber()];
        index = (ulong)((long)(index << 51) >> 51);
    }

    private static bool HasMemory(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.Memory)
                return true;
        }

        return false;
    }
}
