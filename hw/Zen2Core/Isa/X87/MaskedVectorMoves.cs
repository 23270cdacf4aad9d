namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>
/// VMASKMOVPS, VMASKMOVPD, VPMASKMOVD, VPMASKMOVQ: elements whose mask has its sign set. Others are not accessed, so that they do not
/// fault. <see cref="MicroOp.Width"/> is the width of the vector, <see cref="MicroOp.Imm"/> the size of an element, in bytes.
/// </summary>
internal static unsafe class MaskedVectorMoves
{
    /// <summary>Dst = memory where A's signs are set, else zero.</summary>
    public static MicrocodeResult Load(CoreContext core, CpuState* s, MicroOp* op)
    {
        int element = (int)op->Imm, width = op->Width;
        Span<byte> result = stackalloc byte[32];
        result.Clear();
        for (int at = 0; at < width; at += element)
        {
            if (!Selected(s, op->A, at, element))
                continue;
            if (!MicrocodeMemory.Address(s, op, at, element, out ulong linear) || !MicrocodeMemory.Read(core, op, linear, result.Slice(at, element)))
                return MicrocodeResult.Fault;
        }

        result.CopyTo(new Span<byte>((byte*)s + op->Dst, 32));
        return MicrocodeResult.Done;
    }

    /// <summary>Memory = B where A's signs are set.</summary>
    public static MicrocodeResult Store(CoreContext core, CpuState* s, MicroOp* op)
    {
        int element = (int)op->Imm, width = op->Width;
        for (int at = 0; at < width; at += element)
        {
            if (!Selected(s, op->A, at, element))
                continue;
            if (!MicrocodeMemory.Address(s, op, at, element, out ulong linear) || !MicrocodeMemory.CheckWrite(core, op, linear, element))
                return MicrocodeResult.Fault;
        }

        for (int at = 0; at < width; at += element)
        {
            ReadOnlySpan<byte> data = new((byte*)s + op->B + at, element);
            if (!Selected(s, op->A, at, element))
                continue;
            if (!MicrocodeMemory.Address(s, op, at, element, out ulong linear) || !MicrocodeMemory.Write(core, op, linear, data))
                return MicrocodeResult.Fault;
        }

        return MicrocodeResult.Done;
    }

    /// <summary>VZEROUPPER (Imm 0) and VZEROALL (Imm 1): 16 registers in 64-bit mode, 8 elsewhere.</summary>
    public static MicrocodeResult Zero(CoreContext core, CpuState* s, MicroOp* op)
    {
        int count = s->Mode == CpuMode.Long64 ? 16 : 8;
        int kept = op->Imm != 0 ? 0 : 16;
        for (int i = 0; i < count; i++)
            new Span<byte>((byte*)s + Reg.Vector(i) + kept, 32 - kept).Clear();
        return MicrocodeResult.Done;
    }

    private static bool Selected(CpuState* s, ushort mask, int at, int element) => (((byte*)s + mask)[at + element - 1] & 0x80) != 0;
}
