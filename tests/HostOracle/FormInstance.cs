using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>One encoded instruction of a form: the bytes and their decoding at <see cref="OracleLayout.Code"/>.</summary>
public sealed class FormInstance
{
    private const int Attempts = 40;

    private FormInstance(byte[] bytes, in Instruction instruction)
    {
        Bytes = bytes;
        Instruction = instruction;
    }

    /// <summary>The encoded instruction.</summary>
    public byte[] Bytes { get; }

    /// <summary>The instruction as Iced decodes the bytes.</summary>
    public Instruction Instruction { get; }

    /// <summary>Encodes a random instance of a form: registers, or memory with a random addressing form, and immediates.</summary>
    /// <param name="code">A form of <see cref="InstructionForms.All"/>.</param>
    /// <param name="random">Source of choices.</param>
    /// <returns>Null when no encodable instance was found.</returns>
    public static FormInstance? TryCreate(Code code, CaseRandom random)
    {
        OpCodeInfo info = code.ToOpCode();
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Instruction instruction = Choose(code, info, random);
            if (TryEncode(instruction, out byte[] bytes))
            {
                Decoder decoder = Decoder.Create(64, bytes, OracleLayout.Code, DecoderOptions.None);
                Instruction decoded = decoder.Decode();
                if (decoded.Code == code && decoded.Length == bytes.Length)
                    return new FormInstance(bytes, decoded);
            }
        }

        return null;
    }

    private static Instruction Choose(Code code, OpCodeInfo info, CaseRandom random)
    {
        Instruction instruction = default;
        instruction.Code = code;
        bool memory = random.Below(2) == 0;
        for (int i = 0; i < info.OpCount; i++)
        {
            OpCodeOperandKind kind = info.GetOpKind(i);
            if (OperandChoice.MustBeMemory(kind) || (memory && OperandChoice.MayBeMemory(kind)))
            {
                instruction.SetOpKind(i, OpKind.Memory);
                ChooseAddress(ref instruction, random);
                if (info.CanUseLockPrefix && random.OneIn(3))
                    instruction.HasLockPrefix = true;
                continue;
            }

            Register register = OperandChoice.ChooseRegister(kind, random);
            if (register != Register.None)
            {
                instruction.SetOpKind(i, OpKind.Register);
                instruction.SetOpRegister(i, register);
                continue;
            }

            SetImmediate(ref instruction, i, kind, EdgeValues.Integer(random));
        }

        return instruction;
    }

    private static void ChooseAddress(ref Instruction instruction, CaseRandom random)
    {
        switch (random.Below(5))
        {
            case 0:
                instruction.MemoryBase = Register.RIP;
                instruction.MemoryDisplSize = 8;
                instruction.MemoryDisplacement64 = OracleLayout.Scratch + OracleLayout.OperandOffset + (ulong)(random.Below(8) * 16);
                return;
            case 1:
                instruction.MemoryDisplSize = 8;
                instruction.MemoryDisplacement64 = OracleLayout.Scratch + OracleLayout.OperandOffset + (ulong)(random.Below(8) * 16);
                return;
            case 2:
                instruction.MemoryIndex = AddressRegister(random);
                instruction.MemoryIndexScale = 1 << random.Below(4);
                break;
        }

        instruction.MemoryBase = AddressRegister(random);
        if (instruction.MemoryBase == instruction.MemoryIndex)
        {
            instruction.MemoryIndex = Register.None;
            instruction.MemoryIndexScale = 1;
        }

        int displacement = random.Below(3);
        instruction.MemoryDisplSize = displacement switch { 0 => 0, 1 => 1, _ => 8 };
        instruction.MemoryDisplacement64 = displacement switch
        {
            0 => 0,
            1 => (ulong)(sbyte)random.Next(),
            _ => (ulong)(int)random.Next(),
        };
    }

    // RAX, RCX and RDX are implicit operands of many instructions, RSP is the stack: addresses live in the others.
    private static Register AddressRegister(CaseRandom random) => random.Pick<Register>(
    [
        Register.RBX, Register.RBP, Register.RSI, Register.RDI, Register.R8, Register.R9, Register.R10, Register.R11,
        Register.R12, Register.R13, Register.R14, Register.R15,
    ]);

    private static void SetImmediate(ref Instruction instruction, int operand, OpCodeOperandKind kind, ulong value)
    {
        // ENTER would move the stack pointer out of the scratch memory; its nesting level stays as chosen.
        if (instruction.Mnemonic == Mnemonic.Enter && operand == 0)
            value &= 0xFF;
        OpKind immediate = kind switch
        {
            OpCodeOperandKind.imm8 when operand > 0 && instruction.GetOpKind(operand - 1) is OpKind.Immediate8 or OpKind.Immediate16 => OpKind.Immediate8_2nd,
            OpCodeOperandKind.imm8 => OpKind.Immediate8,
            OpCodeOperandKind.imm8_const_1 => OpKind.Immediate8,
            OpCodeOperandKind.imm8sex16 => OpKind.Immediate8to16,
            OpCodeOperandKind.imm8sex32 => OpKind.Immediate8to32,
            OpCodeOperandKind.imm8sex64 => OpKind.Immediate8to64,
            OpCodeOperandKind.imm16 => OpKind.Immediate16,
            OpCodeOperandKind.imm32 => OpKind.Immediate32,
            OpCodeOperandKind.imm32sex64 => OpKind.Immediate32to64,
            OpCodeOperandKind.imm64 => OpKind.Immediate64,
            _ => OpKind.Immediate8,
        };
        instruction.SetOpKind(operand, immediate);
        if (kind == OpCodeOperandKind.imm8_const_1)
            value = 1;
        switch (immediate)
        {
            case OpKind.Immediate8: instruction.Immediate8 = (byte)value; break;
            case OpKind.Immediate8_2nd: instruction.Immediate8_2nd = (byte)value; break;
            case OpKind.Immediate8to16: instruction.Immediate8to16 = (sbyte)value; break;
            case OpKind.Immediate8to32: instruction.Immediate8to32 = (sbyte)value; break;
            case OpKind.Immediate8to64: instruction.Immediate8to64 = (sbyte)value; break;
            case OpKind.Immediate16: instruction.Immediate16 = (ushort)value; break;
            case OpKind.Immediate32: instruction.Immediate32 = (uint)value; break;
            case OpKind.Immediate32to64: instruction.Immediate32to64 = (int)value; break;
            default: instruction.Immediate64 = value; break;
        }
    }

    private static bool TryEncode(in Instruction instruction, out byte[] bytes)
    {
        ByteSink sink = new();
        Encoder encoder = Encoder.Create(64, sink);
        bool encoded = encoder.TryEncode(instruction, OracleLayout.Code, out _, out _);
        bytes = encoded ? sink.Bytes.ToArray() : [];
        return encoded;
    }

    private sealed class ByteSink : CodeWriter
    {
        public List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}
