using Iced.Intel;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of shifts and rotates.</summary>
internal static unsafe class FormsShift
{
    private const FlagMask CarryAndOverflow = FlagMask.CF | FlagMask.OF;

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormTable.Add(Mnemonic.Shl, c => Shift<Shl>(c, FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Sal, c => Shift<Shl>(c, FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Shr, c => Shift<Shr>(c, FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Sar, c => Shift<Sar>(c, FlagMask.None, FlagMask.All));
        FormTable.Add(Mnemonic.Rol, c => Shift<Rol>(c, FlagMask.None, CarryAndOverflow));
        FormTable.Add(Mnemonic.Ror, c => Shift<Ror>(c, FlagMask.None, CarryAndOverflow));
        FormTable.Add(Mnemonic.Rcl, c => Shift<Rcl>(c, FlagMask.CF, CarryAndOverflow));
        FormTable.Add(Mnemonic.Rcr, c => Shift<Rcr>(c, FlagMask.CF, CarryAndOverflow));
        FormTable.Add(Mnemonic.Shld, Double<Shld>);
        FormTable.Add(Mnemonic.Shrd, Double<Shrd>);
    }

    private static void Shift<TOp>(CrackContext c, FlagMask read, FlagMask written)
        where TOp : struct, IIntOp
    {
        int bytes = c.OperandBytes(0);
        ushort dst = c.IsMemory(0) ? AluCrack.LoadFirst<TOp>(c, bytes) : c.Register(0);
        MicroOp* op = c.IsImmediate(1)
            ? IntEmit<TOp>.Immediate(c, bytes, dst, dst, c.Immediate(1))
            : IntEmit<TOp>.Registers(c, bytes, dst, dst, c.Register(1));
        SetFlags(c, op, bytes, 1, read, written);
        AluCrack.StoreBack<TOp>(c, bytes, dst);
    }

    private static void Double<TOp>(CrackContext c)
        where TOp : struct, IIntOp
    {
        int bytes = c.OperandBytes(0);
        ushort dst = c.IsMemory(0) ? AluCrack.LoadFirst<TOp>(c, bytes) : c.Register(0);
        bool immediate = c.IsImmediate(2);
        MicroOp* op = IntEmit<TOp>.Three(c, bytes, dst, dst, immediate ? Reg.None : c.Register(2), c.Register(1));
        if (immediate)
        {
            op->Imm = c.Immediate(2);
            op->Marks |= MicroOpMarks.BIsImmediate;
        }

        SetFlags(c, op, bytes, 2, FlagMask.None, FlagMask.All);
        AluCrack.StoreBack<TOp>(c, bytes, dst);
    }

    /// <summary>A count of zero leaves the flags: known for immediates, possible for CL, which therefore reads them.</summary>
    private static void SetFlags(CrackContext c, MicroOp* op, int bytes, int countOperand, FlagMask read, FlagMask written)
    {
        if (!c.IsImmediate(countOperand))
            AluCrack.Flags(op, FlagMask.All, written);
        else if (((int)c.Immediate(countOperand) & (bytes == 8 ? 63 : 31)) != 0)
            AluCrack.Flags(op, read, written);
    }
}
