using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Encodes 32-bit instructions with random operands and fills registers and memory for them.</summary>
public static unsafe class LegacyInstance
{
    private const int Attempts = 60;
    private const ulong Operand = OracleLayout.Scratch + OracleLayout.OperandOffset;

    /// <summary>Selectors that mean the same on the host and in the simulated machine: code, data, null, and a system descriptor's place.</summary>
    private static readonly ushort[] s_selectors = [OracleLayout.UserCode32, OracleLayout.UserData, OracleLayout.UserData, 0, 3];

    private static readonly Register[] s_bases = [Register.EBX, Register.EBP, Register.ESI, Register.EDI];

    /// <summary>Whether operands of this kind can be made.</summary>
    public static bool IsSupported(OpCodeOperandKind kind) => kind is OpCodeOperandKind.br32_1 or OpCodeOperandKind.br32_4 or OpCodeOperandKind.br16_1
        or OpCodeOperandKind.br16_2 or OpCodeOperandKind.farbr2_2 or OpCodeOperandKind.farbr4_2 or OpCodeOperandKind.mem_offs
        or OpCodeOperandKind.es or OpCodeOperandKind.cs or OpCodeOperandKind.ss or OpCodeOperandKind.ds || OperandChoice.IsSupported(kind);

    /// <summary>Encodes an instance at <see cref="OracleLayout.Code"/>; null when none was found.</summary>
    /// <param name="code">One of <see cref="LegacyForms.All"/>.</param>
    /// <param name="random">Source of choices.</param>
    /// <param name="decoded">The instruction.</param>
    public static byte[]? TryCreate(Code code, CaseRandom random, out Instruction decoded)
    {
        OpCodeInfo info = code.ToOpCode();
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Instruction instruction = default;
            instruction.Code = code;
            bool memory = random.OneIn(2);
            for (int n = 0; n < info.OpCount; n++)
                Choose(ref instruction, n, info.GetOpKind(n), memory, random);
            if (info.CanUseLockPrefix && instruction.Op0Kind == OpKind.Memory && random.OneIn(3))
                instruction.HasLockPrefix = true;
            Bytes sink = new();
            if (!Encoder.Create(32, sink).TryEncode(instruction, OracleLayout.Code, out _, out _))
                continue;
            decoded = Decoder.Create(32, sink.List.ToArray(), OracleLayout.Code, DecoderOptions.AMD).Decode();
            if (decoded.Code == code && decoded.Length == sink.List.Count)
                return [.. sink.List];
        }

        decoded = default;
        return null;
    }

    /// <summary>Fills registers and memory for an instance.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="random">Source of choices.</param>
    /// <param name="image">Receives the registers.</param>
    /// <param name="scratch">Receives the memory.</param>
    public static void Fill(in Instruction instruction, CaseRandom random, ref MachineImage image, Span<byte> scratch)
    {
        CaseFactory.FillRegisters(random, ref image);
        image.Rflags &= ~0x400UL;
        image.Narrow();
        EdgeValues.FillLanes(random, scratch);
        image.Gpr[4] = OracleLayout.Scratch + OracleLayout.StackOffset + (ulong)(random.Below(8) * 4);
        ulong target = random.OneIn(12) ? OracleLayout.ReadOnly - (ulong)random.Below(6) : Operand + (ulong)random.Below(32);
        if (instruction.Mnemonic is Mnemonic.Leave)
            image.Gpr[5] = image.Gpr[4] + 64;
        else if (instruction.Mnemonic is Mnemonic.Enter)
            image.Gpr[5] = image.Gpr[4] + 512;
        LimitBitIndex(instruction, ref image);
        if (instruction.MemoryBase != Register.None)
        {
            ulong index = instruction.MemoryIndex == Register.None
                ? 0 : image.Gpr[instruction.MemoryIndex.GetNumber()] * (ulong)instruction.MemoryIndexScale;
            image.Gpr[instruction.MemoryBase.GetNumber()] = (uint)(target - instruction.MemoryDisplacement64 - index);
        }
        else
        {
            target = instruction.MemoryDisplacement64;
        }

        int at = (int)(target - OracleLayout.Scratch);
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Bound when at is >= 0 and < OracleLayout.ScratchSize - 16 && random.OneIn(2):
                FillBounds(instruction, random, image, scratch[at..]);
                break;
            case Mnemonic.Les or Mnemonic.Lds when at is >= 0 and < OracleLayout.ScratchSize - 16:
                PutSelector(random, scratch[(at + (instruction.Op0Register.GetSize() == 2 ? 2 : 4))..]);
                break;
            case Mnemonic.Ret:
                // The host has pages elsewhere that the simulated machine has not.
                BitConverter.TryWriteBytes(scratch[(int)(image.Gpr[4] - OracleLayout.Scratch)..], (uint)OracleLayout.Code + 0x20);
                break;
            case Mnemonic.Pop when instruction.Op0Register.IsSegmentRegister():
                PutSelector(random, scratch[(int)(image.Gpr[4] - OracleLayout.Scratch)..]);
                break;
        }
    }

    private static void FillBounds(in Instruction instruction, CaseRandom random, in MachineImage image, Span<byte> at)
    {
        int bytes = instruction.Op0Register.GetSize();
        long index = (long)image.Gpr[instruction.Op0Register.GetFullRegister().GetNumber()];
        for (int n = 0; n < 2; n++)
        {
            long bound = index + (n == 0 ? -random.Below(3) : random.Below(3)) + (random.OneIn(4) ? random.Below(5) - 2 : 0);
            for (int k = 0; k < bytes; k++)
                at[(n * bytes) + k] = (byte)(bound >> (8 * k));
        }
    }

    private static void PutSelector(CaseRandom random, Span<byte> at) => BitConverter.TryWriteBytes(at, random.Pick<ushort>(s_selectors));

    // The bit must stay in the scratch memory.
    private static void LimitBitIndex(in Instruction instruction, ref MachineImage image)
    {
        if (instruction.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && instruction.Op1Kind == OpKind.Register)
        {
            ref ulong index = ref image.Gpr[instruction.Op1Register.GetFullRegister().GetNumber()];
            index = (uint)((int)((uint)index << 19) >> 19);
        }
    }

    private static void Choose(ref Instruction instruction, int n, OpCodeOperandKind kind, bool memory, CaseRandom random)
    {
        Register segment = kind switch
        {
            OpCodeOperandKind.es => Register.ES,
            OpCodeOperandKind.cs => Register.CS,
            OpCodeOperandKind.ss => Register.SS,
            OpCodeOperandKind.ds => Register.DS,
            _ => Register.None,
        };
        ulong target = OracleLayout.Code + 0x20 + (ulong)random.Below(0x40);
        if (segment != Register.None)
        {
            SetRegister(ref instruction, n, segment);
        }
        else if (kind is OpCodeOperandKind.br32_1 or OpCodeOperandKind.br32_4)
        {
            instruction.SetOpKind(n, OpKind.NearBranch32);
            instruction.NearBranch32 = (uint)target;
        }
        else if (kind is OpCodeOperandKind.br16_1 or OpCodeOperandKind.br16_2)
        {
            instruction.SetOpKind(n, OpKind.NearBranch16);
            instruction.NearBranch16 = (ushort)target;
        }
        else if (kind is OpCodeOperandKind.farbr2_2 or OpCodeOperandKind.farbr4_2)
        {
            instruction.SetOpKind(n, kind == OpCodeOperandKind.farbr4_2 ? OpKind.FarBranch32 : OpKind.FarBranch16);
            instruction.FarBranchSelector = random.Pick<ushort>(s_selectors);
            if (kind == OpCodeOperandKind.farbr4_2)
                instruction.FarBranch32 = (uint)target;
            else
                instruction.FarBranch16 = (ushort)target;
        }
        else if (kind == OpCodeOperandKind.mem_offs || OperandChoice.MustBeMemory(kind) || (memory && OperandChoice.MayBeMemory(kind)))
        {
            SetMemory(ref instruction, n, kind, random);
        }
        else if (OperandChoice.ChooseRegister(kind, random) is var register && register != Register.None)
        {
            SetRegister(ref instruction, n, register);
        }
        else
        {
            FormInstance.SetImmediate(ref instruction, n, kind, EdgeValues.Integer(random));
        }
    }

    private static void SetRegister(ref Instruction instruction, int n, Register register)
    {
        instruction.SetOpKind(n, OpKind.Register);
        instruction.SetOpRegister(n, register);
    }

    private static void SetMemory(ref Instruction instruction, int n, OpCodeOperandKind kind, CaseRandom random)
    {
        instruction.SetOpKind(n, OpKind.Memory);
        instruction.MemoryDisplSize = 4;
        instruction.MemoryDisplacement64 = Operand + (ulong)random.Below(16);
        if (kind == OpCodeOperandKind.mem_offs || random.OneIn(3))
            return;
        instruction.MemoryBase = random.Pick<Register>(s_bases);
        instruction.MemoryDisplSize = random.Below(3) switch { 0 => 0, 1 => 1, _ => 4 };
        instruction.MemoryDisplacement64 = instruction.MemoryDisplSize switch { 0 => 0, 1 => (uint)(sbyte)random.Next(), _ => (uint)random.Next() };
        Register index = random.Pick<Register>(s_bases);
        if (random.OneIn(3) && index != instruction.MemoryBase)
        {
            instruction.MemoryIndex = index;
            instruction.MemoryIndexScale = 1 << random.Below(4);
        }
    }

    private sealed class Bytes : CodeWriter
    {
        public List<byte> List { get; } = [];

        public override void WriteByte(byte value) => List.Add(value);
    }
}
