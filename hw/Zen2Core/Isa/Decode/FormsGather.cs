using CoSim.Hw.Zen2Core.Isa.X87;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of the gathers of AVX2: loads whose addresses come from the elements of a vector register.</summary>
internal static unsafe class FormsGather
{
    private static readonly ushort s_gather = MicroOpKinds.AddMicrocode("vgather", &Gathers.Gather);

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        Mnemonic[] all =
        [
            Mnemonic.Vpgatherdd, Mnemonic.Vpgatherdq, Mnemonic.Vpgatherqd, Mnemonic.Vpgatherqq,
            Mnemonic.Vgatherdps, Mnemonic.Vgatherdpd, Mnemonic.Vgatherqps, Mnemonic.Vgatherqpd,
        ];
        foreach (Mnemonic mnemonic in all)
            FormTable.Add(mnemonic, EncodingKind.VEX, Gather);
    }

    // The index register is an ordinary source: a base register, a shift and a displacement remain of the memory operand.
    private static void Gather(CrackContext c)
    {
        Register index = c.Instruction.MemoryIndex;
        int element = c.Instruction.MemorySize.GetSize();
        int indexBytes = c.Instruction.IsVsib64 ? 8 : 4;
        MicroOp* op = MicrocodeEmit.EmitInline(c, s_gather);
        c.SetMemory(op, element);
        op->Index = Reg.Zero;
        op->Dst = c.Register(0);
        op->A = c.Register(2);
        op->B = RegisterMap.Offset(index);
        op->Width = (byte)Math.Min(c.Instruction.Op0Register.GetSize() / element, index.GetSize() / indexBytes);
        op->Imm = (ulong)indexBytes;
    }
}
