using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Fills registers and scratch memory for one run of an instance.</summary>
public static unsafe class CaseFactory
{
    // CF PF AF ZF SF OF and DF; interrupts stay enabled as in any user program.
    private const ulong RandomFlags = 0x8D5 | 0x400;
    private const ulong FixedFlags = 0x202;

    /// <summary>Chooses register and memory contents.</summary>
    /// <param name="instance">The instruction that will run.</param>
    /// <param name="random">Source of choices.</param>
    /// <param name="placement">Where its memory operand or the stack shall lie.</param>
    /// <param name="image">Receives the registers.</param>
    /// <param name="scratch">Receives the memory; <see cref="OracleLayout.ScratchSize"/> bytes.</param>
    public static void Fill(FormInstance instance, CaseRandom random, Placement placement, ref MachineImage image, Span<byte> scratch)
    {
        Instruction instruction = instance.Instruction;
        FillRegisters(random, ref image);
        int size = Math.Max(instruction.MemorySize.GetSize(), 1);
        ulong target = Placements.Address(placement, IsStateImage(instruction.Mnemonic) ? 832 : size, random);
        int alignment = RequiredAlignment(instruction);
        if (placement == Placement.Ordinary || random.OneIn(2))
            target &= ~(ulong)(Math.Max(alignment, 1) - 1);
        if (placement == Placement.Ordinary && (alignment == 0 || random.OneIn(30)))
            target += (ulong)random.Below(16);
        image.Gpr[4] = OracleLayout.Scratch + OracleLayout.StackOffset + (ulong)(random.Below(8) * 8);
        if (placement != Placement.Ordinary && instruction.IsStackInstruction)
            image.Gpr[4] = Placements.Address(placement, 8, random) + (ulong)(random.Below(3) * 8);
        if (instruction.SegmentPrefix is Register.FS or Register.GS)
            image.GsBase = target - (random.OneIn(3) ? 0 : random.Next() & 0x7FFF_FFFF);
        if (placement is Placement.NonCanonical or Placement.IntoNonCanonical)
            image.GsBase = 0;
        MemoryContents.Fill(instruction, random, target, image, scratch);
        AddressRegisters.Set(instruction, random, target, placement, ref image);
        BranchTargets.Set(instruction, random, target, ref image, scratch);
        if (IsStateImage(instruction.Mnemonic) && MemoryContents.Offset(target, 1088) is int at)
            FillImage(random, ref image, scratch[at..]);
        if (instruction.Mnemonic == Mnemonic.Clzero)
            image.Gpr[0] = target;
    }

    /// <summary>Chooses registers only.</summary>
    /// <param name="random">Source of choices.</param>
    /// <param name="image">Receives the registers.</param>
    public static void FillRegisters(CaseRandom random, ref MachineImage image)
    {
        image = MachineImage.CreateClean();
        image.Rflags = FixedFlags | (random.Next() & RandomFlags);
        for (int i = 0; i < 16; i++)
            image.Gpr[i] = EdgeValues.Integer(random);
        fixed (byte* ymm = image.Ymm)
        {
            for (int i = 0; i < 32; i++)
                EdgeValues.FillLanes(random, new Span<byte>(ymm + (i * 16), 16));
        }

        FillMxcsr(random, ref image);
        FillX87(random, ref image);
    }

    private static void FillMxcsr(CaseRandom random, ref MachineImage image)
    {
        uint masks = random.OneIn(4) ? (uint)random.Next() & 0x1F80 : 0x1F80;
        uint sticky = random.OneIn(2) ? 0 : (uint)random.Next() & 0x3F;
        uint rounding = random.OneIn(2) ? 0 : (uint)random.Below(4) << 13;
        uint flush = random.OneIn(4) ? 0x8000u : 0;
        uint denormalsAreZeros = random.OneIn(4) ? 0x40u : 0;
        image.Mxcsr = masks | sticky | rounding | flush | denormalsAreZeros;
    }

    private static void FillX87(CaseRandom random, ref MachineImage image)
    {
        uint masks = random.OneIn(5) ? (uint)random.Next() & 0x3F : 0x3F;
        uint precision = random.OneIn(2) ? 0x300u : random.Pick<uint>([0x000, 0x200, 0x300]);
        uint rounding = random.OneIn(2) ? 0 : (uint)random.Below(4) << 10;
        image.ControlWord = (ushort)(0x40 | masks | precision | rounding);

        // Sticky exception flags mostly where masked: a pending unmasked exception is taken before the instruction.
        uint sticky = random.OneIn(2) ? 0 : (uint)random.Next() & (random.OneIn(8) ? 0x3F : masks);
        image.WriteFx(6, (ushort)(random.Next() & 0x7FF));
        image.WriteFx(8, random.Next() >> 17);
        image.WriteFx(16, random.Next() >> 17);
        image.StatusWord = (ushort)(sticky | ((uint)random.Next() & 0x7F00));
        image.Tags = random.OneIn(4) ? (byte)random.Next() : (byte)0xFF;
        fixed (byte* fx = image.Fx)
        {
            for (int i = 0; i < 8; i++)
                EdgeValues.FillExtended(random, new Span<byte>(fx + 32 + (i * 16), 10));
        }
    }

    // Legacy SSE operands are aligned unless the instruction says otherwise; VEX ones only in the moves named after it.
    private static int RequiredAlignment(in Instruction instruction)
    {
        if (IsStateImage(instruction.Mnemonic))
            return 64;
        int size = instruction.MemorySize.GetInfo().Size;
        if (size < 16 || IsEnvironment(instruction.Mnemonic))
            return 0;
        return instruction.Encoding == EncodingKind.Legacy || instruction.Mnemonic is Mnemonic.Vmovaps or Mnemonic.Vmovapd or Mnemonic.Vmovdqa
            or Mnemonic.Vmovntps or Mnemonic.Vmovntpd or Mnemonic.Vmovntdq or Mnemonic.Vmovntdqa ? size : 0;
    }

    internal static bool IsStateImage(Mnemonic mnemonic) => mnemonic is Mnemonic.Fxsave or Mnemonic.Fxsave64 or Mnemonic.Fxrstor or Mnemonic.Fxrstor64
        or Mnemonic.Xsave or Mnemonic.Xsave64 or Mnemonic.Xsaveopt or Mnemonic.Xsaveopt64 or Mnemonic.Xsavec or Mnemonic.Xsavec64
        or Mnemonic.Xrstor or Mnemonic.Xrstor64;

    private static bool IsEnvironment(Mnemonic mnemonic) => mnemonic is Mnemonic.Fnstenv or Mnemonic.Fldenv or Mnemonic.Fnsave or Mnemonic.Frstor;

    // A state image that mostly can be restored: MXCSR without reserved bits, and an XSAVE header of x87, SSE and AVX.
    private static void FillImage(CaseRandom random, ref MachineImage image, Span<byte> target)
    {
        image.Gpr[0] &= 7;
        image.Gpr[2] = 0;
        if (!random.OneIn(20))
            target.Slice(26, 2).Clear();

        // Pointers that are not canonical lose bits, more on processors with narrower linear addresses.
        target.Slice(13, 3).Clear();
        target.Slice(21, 3).Clear();
        if (random.OneIn(20))
            return;
        target.Slice(512, 64).Clear();
        byte present = (byte)random.Below(8);
        target[512] = present;
        if (random.OneIn(2))
        {
            target[520] = (byte)(present | (random.OneIn(2) ? random.Below(8) : 0));
            target[527] = 0x80;
        }
    }
}
