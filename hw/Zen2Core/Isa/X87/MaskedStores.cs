namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>Stores of selected bytes: MASKMOVQ and MASKMOVDQU.</summary>
internal static unsafe class MaskedStores
{
    /// <summary>Writes the bytes whose mask byte has its sign set; all or none. False: a fault is recorded.</summary>
    public static bool Store(CoreContext core, MicroOp* op, ulong linear, ReadOnlySpan<ulong> value, ReadOnlySpan<ulong> mask)
    {
        int count = value.Length * 8;
        for (int i = 0; i < count; i++)
        {
            if (Selected(mask, i) && !MicrocodeMemory.CheckWrite(core, op, linear + (uint)i, 1))
                return false;
        }

        for (int i = 0; i < count; i++)
        {
            byte data = (byte)(value[i >> 3] >> ((i & 7) * 8));
            if (Selected(mask, i) && !MicrocodeMemory.Write(core, op, linear + (uint)i, [data]))
                return false;
        }

        return true;
    }

    /// <summary>MASKMOVDQU: bytes of A selected by B.</summary>
    public static MicrocodeResult StoreVector(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!MicrocodeMemory.Address(s, op, out ulong linear))
            return MicrocodeResult.Fault;
        ReadOnlySpan<ulong> value = new((byte*)s + op->A, 2), mask = new((byte*)s + op->B, 2);
        return Store(core, op, linear, value, mask) ? MicrocodeResult.Done : MicrocodeResult.Fault;
    }

    private static bool Selected(ReadOnlySpan<ulong> mask, int i) => ((mask[i >> 3] >> (((i & 7) * 8) + 7)) & 1) != 0;
}
