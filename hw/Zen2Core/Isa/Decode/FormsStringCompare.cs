using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;
using CoSim.Hw.Zen2Core.Isa.Vector;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM and CRC32.</summary>
internal static unsafe class FormsStringCompare
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        foreach ((Mnemonic mnemonic, bool isExplicit, bool mask) in ((Mnemonic, bool, bool)[])
            [
                (Mnemonic.Pcmpestri, true, false), (Mnemonic.Pcmpestri64, true, false), (Mnemonic.Pcmpestrm, true, true),
                (Mnemonic.Pcmpestrm64, true, true), (Mnemonic.Pcmpistri, false, false), (Mnemonic.Pcmpistrm, false, true),
            ])
        {
            FormsVector.Both(mnemonic, c => Compare(c, isExplicit, mask));
        }

        FormTable.Add(Mnemonic.Crc32, Checksum);
    }

    // Lengths, comparison, result: the comparison leaves the bit set in a temporary and the flags.
    private static void Compare(CrackContext c, bool isExplicit, bool mask)
    {
        ushort b = VecCrack.Source(c, 1);
        ulong control = c.Immediate(2) & 0xFF;
        ushort lengths = Reg.None;
        if (isExplicit)
        {
            bool wide = c.Instruction.Mnemonic is Mnemonic.Pcmpestri64 or Mnemonic.Pcmpestrm64 or Mnemonic.Vpcmpestri64 or Mnemonic.Vpcmpestrm64;
            lengths = Reg.T1;
            if (wide)
                IntEmit<PackLengths<W64>>.Three(c, 8, lengths, Reg.Rax, Reg.Rdx, Reg.None);
            else
                IntEmit<PackLengths<W32>>.Three(c, 8, lengths, Reg.Rax, Reg.Rdx, Reg.None);
        }

        MicroOp* op = isExplicit
            ? VecEmit.ToInt3<CompareExplicit>(c, Reg.T2, c.Register(0), b, lengths, control)
            : VecEmit.ToInt<CompareImplicit>(c, Reg.T2, c.Register(0), b, control);
        op->FlagsWritten = FlagMask.All;
        if (mask)
            VecCrack.EmitFromInt<CompareMask>(c, Reg.Vector(0), Reg.None, Reg.T2, control);
        else
            IntEmit<CompareIndex>.Immediate(c, 4, Reg.Rcx, Reg.T2, control);
    }

    private static void Checksum(CrackContext c)
    {
        int bytes = c.OperandBytes(1);
        ushort source = VecCrack.IntSource(c, 1);
        ushort dst = c.Register(0);
        _ = bytes switch
        {
            1 => IntEmit<Crc32<W8>>.Registers(c, 8, dst, dst, source),
            2 => IntEmit<Crc32<W16>>.Registers(c, 8, dst, dst, source),
            4 => IntEmit<Crc32<W32>>.Registers(c, 8, dst, dst, source),
            _ => IntEmit<Crc32<W64>>.Registers(c, 8, dst, dst, source),
        };
    }
}
