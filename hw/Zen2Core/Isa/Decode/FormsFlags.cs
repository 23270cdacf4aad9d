using Iced.Intel;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of flag manipulation, sign extension of the accumulator, XLAT.</summary>
internal static unsafe class FormsFlags
{
    private const ushort Ah = Reg.Rax + 1;
    private const FlagMask LowByte = FlagMask.All & ~FlagMask.OF;

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormTable.Add(Mnemonic.Clc, c => AluCrack.Flags(IntEmit<ClearCarry>.Immediate(c, 8, Reg.None, Reg.None, 0), FlagMask.None, FlagMask.CF));
        FormTable.Add(Mnemonic.Stc, c => AluCrack.Flags(IntEmit<SetCarry>.Immediate(c, 8, Reg.None, Reg.None, 0), FlagMask.None, FlagMask.CF));
        FormTable.Add(Mnemonic.Cmc, c => AluCrack.Flags(IntEmit<ComplementCarry>.Immediate(c, 8, Reg.None, Reg.None, 0), FlagMask.CF, FlagMask.CF));
        FormTable.Add(Mnemonic.Lahf, c => AluCrack.Flags(IntEmit<FlagsToByte>.Immediate(c, 1, Ah, Reg.None, 0), LowByte, FlagMask.None));
        FormTable.Add(Mnemonic.Sahf, c => AluCrack.Flags(IntEmit<ByteToFlags>.Immediate(c, 1, Reg.None, Ah, 0), FlagMask.None, LowByte));
        FormTable.Add(Mnemonic.Salc, c => AluCrack.Flags(IntEmit<CarryToByte>.Immediate(c, 1, Reg.Rax, Reg.None, 0), FlagMask.CF, FlagMask.None));
        FormTable.Add(Mnemonic.Cbw, c => IntEmit<SignExtend<W8>>.Registers(c, 2, Reg.Rax, Reg.None, Reg.Rax));
        FormTable.Add(Mnemonic.Cwde, c => IntEmit<SignExtend<W16>>.Registers(c, 4, Reg.Rax, Reg.None, Reg.Rax));
        FormTable.Add(Mnemonic.Cdqe, c => IntEmit<SignExtend<W32>>.Registers(c, 8, Reg.Rax, Reg.None, Reg.Rax));
        FormTable.Add(Mnemonic.Cwd, c => IntEmit<SignFill>.Registers(c, 2, Reg.Rdx, Reg.None, Reg.Rax));
        FormTable.Add(Mnemonic.Cdq, c => IntEmit<SignFill>.Registers(c, 4, Reg.Rdx, Reg.None, Reg.Rax));
        FormTable.Add(Mnemonic.Cqo, c => IntEmit<SignFill>.Registers(c, 8, Reg.Rdx, Reg.None, Reg.Rax));
        FormTable.Add(Mnemonic.Xlatb, TranslateByte);
    }

    private static void TranslateByte(CrackContext c)
    {
        IntEmit<ZeroExtend<W8>>.Registers(c, 8, Reg.T0, Reg.None, Reg.Rax);
        MicroOp* load = MemoryEmit.Load(c, 1, Reg.Rax, 1);
        load->Index = Reg.T0;
        load->Scale = 0;
        MemoryEmit.SelectLoad(c, load);
    }
}
