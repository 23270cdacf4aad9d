using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>
/// VPGATHERxx and VGATHERxxx (AMD APM vol. 4, revision 3.25, VPGATHERDD). <see cref="MicroOp.Width"/> is the number of elements,
/// <see cref="MicroOp.AccessSize"/> the size of one, <see cref="MicroOp.Imm"/> the size of an index, in bytes; A is the mask, B the
/// indices. A fault leaves the elements before it gathered and their masks cleared, so that the instruction can be restarted.
/// </summary>
internal static unsafe class Gathers
{
    /// <summary>Gathers the elements whose mask has its sign set, the lowest first.</summary>
    public static MicrocodeResult Gather(CoreContext core, CpuState* s, MicroOp* op)
    {
        int element = op->AccessSize, count = op->Width;
        byte* dst = (byte*)s + op->Dst, mask = (byte*)s + op->A, indices = (byte*)s + op->B;
        ulong baseValue = *(ulong*)((byte*)s + op->Base);
        for (int n = 0; n < count; n++)
        {
            Span<byte> lane = new(mask + (n * element), element);
            if ((lane[^1] & 0x80) != 0)
            {
                ulong index = op->Imm == 8 ? ((ulong*)indices)[n] : (ulong)((int*)indices)[n];
                ulong offset = EffectiveAddress.Offset(op, baseValue, index);
                if (!EffectiveAddress.Segmented(s, op->Segment, offset, element, false, out ulong linear)
                    || !MicrocodeMemory.Read(core, op, linear, new Span<byte>(dst + (n * element), element)))
                {
                    return MicrocodeResult.Fault;
                }
            }

            lane.Clear();
        }

        // Complete: nothing of the mask is left, and nothing of the destination above the gathered elements.
        new Span<byte>(mask, 32).Clear();
        new Span<byte>(dst + (count * element), 32 - (count * element)).Clear();
        return MicrocodeResult.Done;
    }
}
