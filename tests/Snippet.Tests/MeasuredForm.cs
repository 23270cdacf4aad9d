using CoSim.Hw.Zen2Core.Data;
using Iced.Intel;

namespace CoSim.Cli.Tests;

/// <summary>
/// One row of zen2_measured.csv: an instruction with its latency and reciprocal throughput as measured on Zen 2 by uops.info
/// (ZEN2 table, as kept in ashvardanian/AssemblyStats@fbeccff).
/// </summary>
/// <param name="Bytes">Machine code of 64-bit mode.</param>
/// <param name="Text">Assembly text.</param>
/// <param name="Latency">Cycles from any operand to the result, where all measured the same; 0 otherwise.</param>
/// <param name="Throughput">Hundredths of a cycle between independent executions.</param>
internal sealed record MeasuredForm(byte[] Bytes, string Text, int Latency, int Throughput)
{
    private const int Line = 64;
    private static readonly InstructionInfoFactory s_information = new();

    /// <summary>
    /// Destinations that take turns. RDX holds addresses, RBX, RSI and RDI are read only, and of vector registers number 3; RAX, RCX and XMM0 are
    /// operands that some forms do not write down. Conversions that keep a part of their destination need as many as their latency.
    /// </summary>
    private static readonly int[] s_general = [5, 8, 9, 10, 11, 12, 13, 14], s_vector = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], s_mmx = [0, 1, 2, 4, 5, 6, 7];

    /// <summary>All rows.</summary>
    public static IReadOnlyList<MeasuredForm> Load()
    {
        string file = Path.Combine(TestContext.CurrentContext.TestDirectory, "zen2_measured.csv");
        CsvTable table = CsvTable.Parse("zen2_measured.csv", File.ReadAllText(file));
        return [.. Enumerable.Range(0, table.Count).Select(n => new MeasuredForm(
            Convert.FromHexString(table.Text(n, "hex")), table.Text(n, "asm"), Number(table, n, "latency"), Number(table, n, "rthroughput_x100")))];
    }

    /// <summary>Independent copies, and how many: each has destinations and memory of its own. Null when registers that are not written down are written.</summary>
    public (byte[] Code, int Copies)? Independent()
    {
        Instruction form = Decode();
        if (form.IsInvalid || form.FlowControl != FlowControl.Next || form.IsStackInstruction || form.HasRepPrefix || form.HasRepnePrefix || form.RflagsRead != RflagsBits.None)
            return null;
        InstructionInfo information = s_information.GetInfo(form);
        Register[] written = [.. Enumerable.Range(0, form.OpCount).Where(n => form.GetOpKind(n) == OpKind.Register).Select(form.GetOpRegister)];
        if (information.GetUsedRegisters().Any(u => u.Access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite && !written.Any(w => w.GetFullRegister() == u.Register.GetFullRegister())))
            return null;
        int[] rotation = Rotation(form);
        using MemoryStream code = new();
        for (int variant = 0; variant < rotation.Length; variant++)
        {
            Instruction copy = form;
            if (form.MemoryBase == Register.RDX)
            {
                // Memory of its own, aligned for every form.
                copy.MemoryDisplacement64 = (ulong)(Line * (variant + 1));
                copy.MemoryDisplSize = 8;
            }
            for (int n = 0; n < form.OpCount; n++)
            {
                if (form.GetOpKind(n) != OpKind.Register)
                    continue;
                bool writes = information.GetOpAccess(n) is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite;
                if (!TryReplace(ref copy, n, writes ? rotation[variant] : 3))
                    return null;
            }
            if (!Encode(copy, code))
                return null;
        }
        return (code.ToArray(), rotation.Length);
    }

    private static int[] Rotation(Instruction form)
    {
        Register first = form.OpCount > 0 && form.Op0Kind == OpKind.Register ? form.Op0Register : Register.None;
        return first.IsMM() ? s_mmx : first.IsVectorRegister() ? s_vector : s_general;
    }

    /// <summary>An instruction whose result is its own source. Null when there is no such thing.</summary>
    public byte[]? Chain()
    {
        Instruction form = Decode();
        if (form.IsInvalid || form.FlowControl != FlowControl.Next || form.OpCount == 0 || form.GetOpKind(0) != OpKind.Register || form.RflagsRead != RflagsBits.None)
            return null;
        InstructionInfo information = s_information.GetInfo(form);
        if (information.GetUsedMemory().Any() || information.GetOpAccess(0) is not (OpAccess.Write or OpAccess.ReadWrite))
            return null;
        bool linked = information.GetOpAccess(0) == OpAccess.ReadWrite;
        Instruction copy = form;
        for (int n = 0; n < form.OpCount; n++)
        {
            if (form.GetOpKind(n) != OpKind.Register)
                continue;
            bool same = n == 0 || (!linked && Kind(form.GetOpRegister(n)) == Kind(form.GetOpRegister(0)));
            linked |= n > 0 && same;
            if (!TryReplace(ref copy, n, same ? 0 : 3))
                return null;
        }
        using MemoryStream code = new();
        return linked && Encode(copy, code) ? code.ToArray() : null;
    }

    private Instruction Decode() => Decoder.Create(64, Bytes, DecoderOptions.AMD).Decode();

    private static bool Encode(Instruction instruction, Stream code)
    {
        Encoder encoder = Encoder.Create(64, new StreamCodeWriter(code));
        return encoder.TryEncode(instruction, 0x1000, out _, out _);
    }

    private static bool TryReplace(ref Instruction instruction, int operand, int number)
    {
        Register register = instruction.GetOpRegister(operand);
        OpCodeOperandKind kind = instruction.OpCode.GetOpKind(operand);
        bool isFixed = !kind.ToString().Contains("reg", StringComparison.OrdinalIgnoreCase) && !kind.ToString().Contains("mem", StringComparison.OrdinalIgnoreCase)
            && !kind.ToString().Contains("_or_", StringComparison.OrdinalIgnoreCase);
        if (isFixed || register is Register.AH or Register.BH or Register.CH or Register.DH)
            return false;
        Register first = register.IsGPR64() ? Register.RAX : register.IsGPR32() ? Register.EAX : register.IsGPR16() ? Register.AX
            : register.IsXMM() ? Register.XMM0 : register.IsYMM() ? Register.YMM0 : register.IsMM() ? Register.MM0 : Register.None;
        if (register.IsGPR8())
        {
            Register[] bytes = [Register.AL, Register.CL, Register.DL, Register.BL, Register.SPL, Register.BPL, Register.SIL, Register.DIL, Register.R8L, Register.R9L, Register.R10L, Register.R11L, Register.R12L, Register.R13L, Register.R14L];
            instruction.SetOpRegister(operand, bytes[number]);
            return true;
        }
        if (first == Register.None)
            return false;
        instruction.SetOpRegister(operand, first + (number));
        return true;
    }

    private static int Kind(Register register) =>
        register.IsGPR() ? 1 : register.IsXMM() || register.IsYMM() ? 2 : register.IsMM() ? 3 : 0;

    private static int Number(CsvTable table, int row, string column) => table.Text(row, column).Length == 0 ? 0 : table.Number(row, column);
}
