using Iced.Intel;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of bit tests, scans, counts, BMI1 and BMI2.</summary>
internal static unsafe class FormsBits
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormTable.Add(Mnemonic.Bt, BitTest<Bt>);
        FormTable.Add(Mnemonic.Bts, BitTest<Bts>);
        FormTable.Add(Mnemonic.Btr, BitTest<Btr>);
        FormTable.Add(Mnemonic.Btc, BitTest<Btc>);
        FormTable.Add(Mnemonic.Bsf, c => Scan<Bsf>(c, FlagMask.ZF));
        FormTable.Add(Mnemonic.Bsr, c => Scan<Bsr>(c, FlagMask.ZF));
        FormTable.Add(Code.Bsf_r32_rm32, c => Scan<ScanOfLowHalf<Bsf>>(c, FlagMask.ZF, 8));
        FormTable.Add(Code.Bsr_r32_rm32, c => Scan<ScanOfLowHalf<Bsr>>(c, FlagMask.ZF, 8));
        FormTable.Add(Mnemonic.Tzcnt, c => OfSource<Tzcnt>(c, FlagMask.All & ~FlagMask.OF));
        FormTable.Add(Mnemonic.Lzcnt, c => OfSource<Lzcnt>(c, FlagMask.All & ~FlagMask.OF));
        FormTable.Add(Mnemonic.Popcnt, c => OfSource<Popcnt>(c, FlagMask.All));
        FormTable.Add(Mnemonic.Blsi, EncodingKind.VEX, c => OfSource<Blsi>(c, FlagMask.All));
        FormTable.Add(Mnemonic.Blsr, EncodingKind.VEX, c => OfSource<Blsr>(c, FlagMask.All));
        FormTable.Add(Mnemonic.Blsmsk, EncodingKind.VEX, c => OfSource<Blsmsk>(c, FlagMask.All));
        FormTable.Add(Mnemonic.Andn, EncodingKind.VEX, c => Three<Andn>(c, 1, 2, FlagMask.All));
        FormTable.Add(Mnemonic.Pdep, EncodingKind.VEX, c => Three<Pdep>(c, 1, 2, FlagMask.None));
        FormTable.Add(Mnemonic.Pext, EncodingKind.VEX, c => Three<Pext>(c, 1, 2, FlagMask.None));
        FormTable.Add(Mnemonic.Bextr, EncodingKind.VEX, c => Three<Bextr>(c, 1, 2, FlagMask.All));
        FormTable.Add(Mnemonic.Bzhi, EncodingKind.VEX, c => Three<Bzhi>(c, 1, 2, FlagMask.All));
        FormTable.Add(Mnemonic.Shlx, EncodingKind.VEX, c => Three<WithoutFlags<Shl>>(c, 1, 2, FlagMask.None));
        FormTable.Add(Mnemonic.Shrx, EncodingKind.VEX, c => Three<WithoutFlags<Shr>>(c, 1, 2, FlagMask.None));
        FormTable.Add(Mnemonic.Sarx, EncodingKind.VEX, c => Three<WithoutFlags<Sar>>(c, 1, 2, FlagMask.None));
        FormTable.Add(Mnemonic.Rorx, EncodingKind.VEX, c => Three<WithoutFlags<Ror>>(c, 1, 2, FlagMask.None));
    }

    /// <summary>dst = op(operand a, operand b), either of which may be in memory.</summary>
    private static void Three<TOp>(CrackContext c, int first, int second, FlagMask written)
        where TOp : struct, IIntOp
    {
        int bytes = c.OperandBytes(0);
        ushort a = c.IsMemory(first) ? AluCrack.LoadTemporary(c, bytes, Reg.T0) : c.Register(first);
        if (c.IsImmediate(second))
        {
            AluCrack.Flags(IntEmit<TOp>.Immediate(c, bytes, c.Register(0), a, c.Immediate(second)), FlagMask.None, written);
            return;
        }

        ushort b = c.IsMemory(second) ? AluCrack.LoadTemporary(c, bytes, Reg.T1) : c.Register(second);
        AluCrack.Flags(IntEmit<TOp>.Registers(c, bytes, c.Register(0), a, b), FlagMask.None, written);
    }

    /// <summary>dst = op(source): the old destination takes no part.</summary>
    private static void OfSource<TOp>(CrackContext c, FlagMask written)
        where TOp : struct, IIntOp
    {
        int bytes = c.OperandBytes(0);
        ushort source = c.IsMemory(1) ? AluCrack.LoadTemporary(c, bytes, Reg.T0) : c.Register(1);
        AluCrack.Flags(IntEmit<TOp>.Registers(c, bytes, c.Register(0), source, source), FlagMask.None, written);
    }

    /// <summary>dst = op(dst, source): it stays when the source is zero.</summary>
    private static void Scan<TOp>(CrackContext c, FlagMask written)
        where TOp : struct, IIntOp => Scan<TOp>(c, written, c.OperandBytes(0));

    private static void Scan<TOp>(CrackContext c, FlagMask written, int bytes)
        where TOp : struct, IIntOp
    {
        ushort dst = c.Register(0);
        ushort source = c.IsMemory(1) ? AluCrack.LoadTemporary(c, c.OperandBytes(1), Reg.T0) : c.Register(1);
        AluCrack.Flags(IntEmit<TOp>.Registers(c, bytes, dst, dst, source), FlagMask.None, written);
    }

    private static void BitTest<TOp>(CrackContext c)
        where TOp : struct, IIntOp
    {
        int bytes = c.OperandBytes(0);
        if (!c.IsMemory(0))
        {
            ushort dst = c.Register(0);
            MicroOp* direct = c.IsImmediate(1)
                ? IntEmit<TOp>.Immediate(c, bytes, dst, dst, c.Immediate(1))
                : IntEmit<TOp>.Registers(c, bytes, dst, dst, c.Register(1));
            AluCrack.Flags(direct, FlagMask.None, FlagMask.CF);
            return;
        }

        // A register index reaches beyond the operand: it moves the address first (AMD APM vol. 3, BT).
        bool bitString = !c.IsImmediate(1);
        if (bitString)
        {
            BitAddress(c, bytes);
        }

        if (c.Instruction.HasLockPrefix && TOp.WritesResult)
        {
            MicroOp* atomic = AtomicEmit<Locked<TOp>>.Emit(c, bytes, Reg.None, bitString ? c.Register(1) : Reg.None, Reg.None);
            if (!bitString)
            {
                atomic->Imm = c.Immediate(1);
                atomic->Marks |= MicroOpMarks.BIsImmediate;
            }

            AluCrack.Flags(atomic, FlagMask.None, FlagMask.CF);
            if (bitString)
                AtomicEmit<Locked<TOp>>.Select(c, Retarget(atomic));
            return;
        }

        MicroOp* load = TOp.WritesResult ? MemoryEmit.LoadForWrite(c, bytes, Reg.T0) : MemoryEmit.Load(c, bytes, Reg.T0, 8);
        if (bitString)
            MemoryEmit.SelectLoad(c, Retarget(load));
        MicroOp* op = bitString
            ? IntEmit<TOp>.Registers(c, bytes, Reg.T0, Reg.T0, c.Register(1))
            : IntEmit<TOp>.Immediate(c, bytes, Reg.T0, Reg.T0, c.Immediate(1));
        AluCrack.Flags(op, FlagMask.None, FlagMask.CF);
        if (!TOp.WritesResult)
            return;
        MicroOp* store = MemoryEmit.Store(c, bytes, Reg.T0);
        if (bitString)
            MemoryEmit.SelectStore(c, Retarget(store));
    }

    /// <summary>T1 = base + scaled index of the memory operand + the bit index's byte offset.</summary>
    private static void BitAddress(CrackContext c, int bytes)
    {
        MicroOp* address = LeaEmit.Emit(c, 8, Reg.T2);
        c.SetMemory(address, 0);
        address->Disp = 0;
        LeaEmit.Select(address);
        BitOffset(c, bytes);
        MicroOp* sum = LeaEmit.Emit(c, 8, Reg.T1);
        sum->Base = Reg.T2;
        sum->Index = Reg.T3;
        LeaEmit.Select(sum);
    }

    /// <summary>T3 = byte offset. The index is as wide as the operand, the offset as wide as an address.</summary>
    private static void BitOffset(CrackContext c, int bytes)
    {
        ushort index = c.Register(1);
        _ = bytes switch
        {
            2 => IntEmit<SignedBitOffset<W16>>.Registers(c, 8, Reg.T3, Reg.None, index),
            4 => IntEmit<SignedBitOffset<W32>>.Registers(c, 8, Reg.T3, Reg.None, index),
            _ => IntEmit<SignedBitOffset<W64>>.Registers(c, 8, Reg.T3, Reg.None, index),
        };
    }

    private static MicroOp* Retarget(MicroOp* op)
    {
        op->Base = Reg.T1;
        op->Index = Reg.Zero;
        op->Scale = 0;
        return op;
    }
}
