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
        HostBytes = instruction.SegmentPrefix == Register.FS ? WithGs(bytes) : bytes;
    }

    /// <summary>The encoded instruction.</summary>
    public byte[] Bytes { get; }

    /// <summary>The bytes for the host: an FS prefix, whose base the host's runtime needs, is GS there, with the same base.</summary>
    public byte[] HostBytes { get; }

    /// <summary>The instruction as Iced decodes the bytes.</summary>
    public Instruction Instruction { get; }

    /// <summary>Encodes a random instance of a form: registers, or memory with a random addressing form, and immediates.</summary>
    /// <param name="code">A form of <see cref="InstructionForms"/>.</param>
    /// <param name="random">Source of choices.</param>
    /// <param name="addressing">Kinds of memory operands to choose from.</param>
    /// <returns>Null when no encodable instance was found.</returns>
    public static FormInstance? TryCreate(Code code, CaseRandom random, Addressing addressing) => TryCreate(code, random, addressing, OracleLayout.Code);

    /// <summary>The same at another place in the code page.</summary>
    /// <param name="code">A form of <see cref="InstructionForms"/>.</param>
    /// <param name="random">Source of choices.</param>
    /// <param name="addressing">Kinds of memory operands to choose from.</param>
    /// <param name="rip">Linear address of the instruction.</param>
    /// <returns>Null when no encodable instance was found.</returns>
    public static FormInstance? TryCreate(Code code, CaseRandom random, Addressing addressing, ulong rip)
    {
        OpCodeInfo info = code.ToOpCode();
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Instruction instruction = Choose(code, info, random, addressing);
            if (TryEncode(instruction, rip, out byte[] bytes))
            {
                Decoder decoder = Decoder.Create(64, bytes, rip, DecoderOptions.AMD);
                Instruction decoded = decoder.Decode();
                if (decoded.Code == code && decoded.Length == bytes.Length)
                    return new FormInstance(bytes, decoded);
            }
        }

        return null;
    }

    private static Instruction Choose(Code code, OpCodeInfo info, CaseRandom random, Addressing addressing)
    {
        Instruction instruction = default;
        instruction.Code = code;
        if (instruction.IsStringInstruction)
            StringOperands.ChooseRepeat(ref instruction, random);
        bool memory = random.Below(2) == 0;
        for (int i = 0; i < info.OpCount; i++)
        {
            OpCodeOperandKind kind = info.GetOpKind(i);
            if (OperandChoice.MustBeMemory(kind) || (memory && OperandChoice.MayBeMemory(kind)))
            {
                instruction.SetOpKind(i, OpKind.Memory);
                AddressChoice.Choose(ref instruction, kind, random, addressing);
                if (info.CanUseLockPrefix && random.OneIn(3))
                    instruction.HasLockPrefix = true;
                continue;
            }

            if (StringOperands.TryChoose(ref instruction, i, kind, random, addressing) || TryChooseTarget(ref instruction, i, kind, random))
                continue;
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

    // Near branches go to an INT3 behind the program.
    private static bool TryChooseTarget(ref Instruction instruction, int operand, OpCodeOperandKind kind, CaseRandom random)
    {
        OpKind near = kind switch
        {
            OpCodeOperandKind.br64_1 or OpCodeOperandKind.br64_4 => OpKind.NearBranch64,
            OpCodeOperandKind.br16_1 or OpCodeOperandKind.br16_2 => OpKind.NearBranch16,
            _ => OpKind.Register,
        };
        if (near == OpKind.Register)
            return false;
        ulong target = OracleLayout.Code + 0x20 + (ulong)random.Below(0x40);
        instruction.SetOpKind(operand, near);
        if (near == OpKind.NearBranch64)
            instruction.NearBranch64 = target;
        else
            instruction.NearBranch16 = (ushort)target;
        return true;
    }

    private static byte[] WithGs(byte[] bytes)
    {
        byte[] copy = [.. bytes];
        copy[Array.IndexOf(copy, (byte)0x64)] = 0x65;
        return copy;
    }

    /// <summary>Sets an immediate operand to what fits of a value.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="operand">Number of the operand.</param>
    /// <param name="kind">Kind of the immediate.</param>
    /// <param name="value">The value.</param>
    public static void SetImmediate(ref Instruction instruction, int operand, OpCodeOperandKind kind, ulong value)
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

    private static bool TryEncode(in Instruction instruction, ulong rip, out byte[] bytes)
    {
        ByteSink sink = new();
        Encoder encoder = Encoder.Create(64, sink);
        bool encoded = encoder.TryEncode(instruction, rip, out _, out _);
        bytes = encoded ? sink.Bytes.ToArray() : [];
        return encoded;
    }

    private sealed class ByteSink : CodeWriter
    {
        public List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}
