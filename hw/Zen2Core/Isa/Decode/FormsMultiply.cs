using Iced.Intel;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of multiplication, division and decimal adjustment.</summary>
internal static unsafe class FormsMultiply
{
    private const FlagMask CarryAndOverflow = FlagMask.CF | FlagMask.OF;

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormTable.Add(Mnemonic.Mul, c => Multiply<MulWide, MulByte>(c));
        FormTable.Add(Mnemonic.Imul, SignedMultiply);
        FormTable.Add(Mnemonic.Div, c => Divide<DivWide, DivByte>(c));
        FormTable.Add(Mnemonic.Idiv, c => Divide<IdivWide, IdivByte>(c));
        FormTable.Add(Mnemonic.Mulx, EncodingKind.VEX, MultiplyWithoutFlags);
        FormTable.Add(Mnemonic.Daa, c => Adjust<Daa>(c, 1));
        FormTable.Add(Mnemonic.Das, c => Adjust<Das>(c, 1));
        FormTable.Add(Mnemonic.Aaa, c => Adjust<Aaa>(c, 2));
        FormTable.Add(Mnemonic.Aas, c => Adjust<Aas>(c, 2));
        FormTable.Add(Mnemonic.Aad, c => AluCrack.Flags(
            IntEmit<Aad>.Immediate(c, 2, Reg.Rax, Reg.Rax, c.Immediate(0)), FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Aam, DivideDigits);
    }

    private static void Multiply<TWide, TByte>(CrackContext c)
        where TWide : struct, IIntPairOp
        where TByte : struct, IIntOp
    {
        int bytes = c.OperandBytes(0);
        ushort source = c.IsMemory(0) ? AluCrack.LoadTemporary(c, bytes, Reg.T0) : c.Register(0);
        MicroOp* op = bytes == 1
            ? IntEmit<TByte>.Registers(c, 2, Reg.Rax, Reg.Rax, source)
            : PairEmit<TWide>.Emit(c, bytes, Reg.Rax, Reg.Rdx, Reg.Rax, source, Reg.Rdx);
        AluCrack.Flags(op, FlagMask.None, CarryAndOverflow);
    }

    private static void SignedMultiply(CrackContext c)
    {
        if (c.Instruction.OpCount == 1)
        {
            Multiply<ImulWide, ImulByte>(c);
            return;
        }

        int bytes = c.OperandBytes(0);
        ushort dst = c.Register(0);
        ushort source = c.IsMemory(1) ? AluCrack.LoadTemporary(c, bytes, Reg.T0) : c.Register(1);
        MicroOp* op = c.Instruction.OpCount == 3
            ? IntEmit<Imul>.Immediate(c, bytes, dst, source, c.Immediate(2))
            : IntEmit<Imul>.Registers(c, bytes, dst, dst, source);
        AluCrack.Flags(op, FlagMask.None, CarryAndOverflow);
    }

    private static void Divide<TWide, TByte>(CrackContext c)
        where TWide : struct, IIntPairOp
        where TByte : struct, IIntPairOp
    {
        int bytes = c.OperandBytes(0);
        ushort source = c.IsMemory(0) ? AluCrack.LoadTemporary(c, bytes, Reg.T0) : c.Register(0);
        if (bytes == 1)
            PairEmit<TByte>.Emit(c, 2, Reg.Rax, Reg.None, Reg.Rax, source, Reg.None);
        else
            PairEmit<TWide>.Emit(c, bytes, Reg.Rax, Reg.Rdx, Reg.Rax, source, Reg.Rdx);
    }

    private static void MultiplyWithoutFlags(CrackContext c)
    {
        int bytes = c.OperandBytes(0);
        ushort source = c.IsMemory(2) ? AluCrack.LoadTemporary(c, bytes, Reg.T0) : c.Register(2);
        // When both destinations are the same register, the high half wins: it is written second.
        PairEmit<Mulx>.Emit(c, bytes, c.Register(1), c.Register(0), Reg.Rdx, source, Reg.None);
    }

    private static void Adjust<TOp>(CrackContext c, int bytes)
        where TOp : struct, IIntOp =>
        AluCrack.Flags(IntEmit<TOp>.Immediate(c, bytes, Reg.Rax, Reg.Rax, 0), FlagMask.AF | FlagMask.CF, FlagMask.All);

    private static void DivideDigits(CrackContext c)
    {
        IntEmit<Mov>.Immediate(c, 8, Reg.T0, Reg.None, c.Immediate(0));
        AluCrack.Flags(PairEmit<Aam>.Emit(c, 2, Reg.Rax, Reg.None, Reg.Rax, Reg.T0, Reg.None), FlagMask.None, FlagMask.All);
    }
}
