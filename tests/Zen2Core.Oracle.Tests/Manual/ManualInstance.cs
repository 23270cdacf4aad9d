using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Encodes random instances of the forms of <see cref="ManualOperations"/>.</summary>
internal static class ManualInstance
{
    private const int Attempts = 30;

    // Handlers of the vectors below look for an error code, which INT does not push.
    private const ulong FirstOfDevices = 0x20;

    /// <summary>An instance and its decoding, or null when the form cannot be encoded for the code size.</summary>
    /// <param name="code">The form.</param>
    /// <param name="bits">32 or 64.</param>
    /// <param name="random">Source of choices.</param>
    /// <param name="decoded">The instruction as the decoder reads it back.</param>
    public static byte[]? TryCreate(Code code, int bits, CaseRandom random, out Instruction decoded)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Instruction instruction = Choose(code, bits, random);
            Bytes sink = new();
            if (!Encoder.Create(bits, sink).TryEncode(instruction, OracleLayout.Code, out _, out _))
                continue;
            byte[] bytes = [.. sink.List];
            decoded = Decoder.Create(bits, bytes, OracleLayout.Code, DecoderOptions.AMD).Decode();
            if (decoded.Code == code && decoded.Length == bytes.Length)
                return bytes;
        }

        decoded = default;
        return null;
    }

    private static Instruction Choose(Code code, int bits, CaseRandom random)
    {
        OpCodeInfo info = code.ToOpCode();
        Instruction instruction = default;
        instruction.Code = code;
        bool memory = random.OneIn(2);
        for (int n = 0; n < info.OpCount; n++)
        {
            OpCodeOperandKind kind = info.GetOpKind(n);
            if (kind == OpCodeOperandKind.mem_offs)
                SetAbsolute(ref instruction, n, random);
            else if (OperandChoice.MustBeMemory(kind) || (memory && OperandChoice.MayBeMemory(kind)))
                SetMemory(ref instruction, n, bits, random);
            else if (SetString(ref instruction, n, kind, bits))
                continue;
            else if (ChooseRegister(kind, code, bits, random) is var register && register != Register.None)
                SetRegister(ref instruction, n, register);
            else
                FormInstance.SetImmediate(ref instruction, n, kind, code == Code.Int_imm8 ? random.Next() | FirstOfDevices : random.Next());
        }

        return instruction;
    }

    private static void SetRegister(ref Instruction instruction, int n, Register register)
    {
        instruction.SetOpKind(n, OpKind.Register);
        instruction.SetOpRegister(n, register);
    }

    private static Register ChooseRegister(OpCodeOperandKind kind, Code code, int bits, CaseRandom random)
    {
        switch (kind)
        {
            case OpCodeOperandKind.fs: return Register.FS;
            case OpCodeOperandKind.gs: return Register.GS;
            case OpCodeOperandKind.seg_reg: return Register.ES + random.Below(6);
            case OpCodeOperandKind.cr_reg: return random.Pick<Register>([Register.CR0, Register.CR2, Register.CR3, Register.CR4]);
            case OpCodeOperandKind.dr_reg: return Register.DR0 + random.Below(8);
            case OpCodeOperandKind.imm8 or OpCodeOperandKind.imm16: return Register.None;
        }

        Register register = OperandChoice.ChooseRegister(kind, random);

        // 32-bit code has eight registers.
        bool tooHigh = bits == 32 && register.IsGPR() && register.GetNumber() >= 8;
        return tooHigh && register.IsGPR() ? register - 8 : register;
    }

    private static bool SetString(ref Instruction instruction, int n, OpCodeOperandKind kind, int bits)
    {
        OpKind? operand = kind switch
        {
            OpCodeOperandKind.es_rDI => bits == 64 ? OpKind.MemoryESRDI : OpKind.MemoryESEDI,
            OpCodeOperandKind.seg_rSI => bits == 64 ? OpKind.MemorySegRSI : OpKind.MemorySegESI,
            _ => null,
        };
        if (kind == OpCodeOperandKind.seg_rBX_al)
        {
            instruction.SetOpKind(n, OpKind.Memory);
            instruction.MemoryBase = bits == 64 ? Register.RBX : Register.EBX;
            instruction.MemoryIndex = Register.AL;
            return true;
        }

        if (operand is not OpKind wanted)
            return false;
        instruction.SetOpKind(n, wanted);
        return true;
    }

    private static void SetAbsolute(ref Instruction instruction, int n, CaseRandom random)
    {
        instruction.SetOpKind(n, OpKind.Memory);
        instruction.MemoryDisplSize = 8;
        instruction.MemoryDisplacement64 = random.OneIn(6) ? random.Next() : OracleLayout.Scratch + (ulong)random.Below(OracleLayout.ScratchSize + 0x1010);
    }

    // [register + displacement]; the register is set to reach the operand.
    private static void SetMemory(ref Instruction instruction, int n, int bits, CaseRandom random)
    {
        instruction.SetOpKind(n, OpKind.Memory);
        instruction.MemoryBase = (bits == 64 ? Register.RAX : Register.EAX) + random.Pick<int>([3, 5, 6, 7]);
        instruction.MemoryDisplSize = 1;
        instruction.MemoryDisplacement64 = (ulong)(sbyte)random.Next();
        if (bits == 32)
            instruction.MemoryDisplacement64 = (uint)instruction.MemoryDisplacement64;
    }

    private sealed class Bytes : CodeWriter
    {
        public List<byte> List { get; } = [];

        public override void WriteByte(byte value) => List.Add(value);
    }
}
