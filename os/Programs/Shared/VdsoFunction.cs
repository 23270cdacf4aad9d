namespace CoSim.Os.Programs;

/// <summary>Finds a function of the vDSO as a C library does: through AT_SYSINFO_EHDR and the dynamic symbols (vdso(7)).</summary>
public static unsafe class VdsoFunction
{
    private const ulong SystemInformationHeader = 33;
    private const uint SegmentLoad = 1, SegmentDynamic = 2;
    private const ulong TagHash = 4, TagStrings = 5, TagSymbols = 6;
    private const ulong SymbolSize = 24;

    /// <summary>Where the vDSO is; 0 when the kernel gave none.</summary>
    /// <param name="stack">argc, argv, environment and auxiliary vector as the kernel left them.</param>
    public static ulong Base(ulong* stack)
    {
        ulong* at = stack + 1 + stack[0] + 1;
        while (*at != 0) at++;
        for (at++; at[0] != 0; at += 2)
            if (at[0] == SystemInformationHeader) return at[1];
        return 0;
    }

    /// <summary>The address of an exported function; null when there is none.</summary>
    public static void* Find(ulong image, byte* name)
    {
        if (image == 0) return null;
        ulong* dynamic = null;
        ulong bias = image;
        byte* header = (byte*)image + *(ulong*)(image + 32);
        for (int i = 0; i < *(ushort*)(image + 56); i++, header += 56)
        {
            if (*(uint*)header == SegmentLoad && *(ulong*)(header + 8) == 0) bias = image - *(ulong*)(header + 16);
            if (*(uint*)header == SegmentDynamic) dynamic = (ulong*)(image + *(ulong*)(header + 8));
        }
        if (dynamic == null) return null;

        byte* symbols = null;
        byte* strings = null;
        uint* hash = null;
        for (; dynamic[0] != 0; dynamic += 2)
        {
            ulong address = dynamic[1] + bias;
            if (dynamic[0] == TagSymbols) symbols = (byte*)address;
            else if (dynamic[0] == TagStrings) strings = (byte*)address;
            else if (dynamic[0] == TagHash) hash = (uint*)address;
        }
        if (symbols == null || strings == null) return null;
        // Without the old hash table, whose second word is the number of symbols: the strings follow the symbols.
        ulong count = hash != null ? hash[1] : (ulong)(strings - symbols) / SymbolSize;
        for (ulong i = 0; i < count; i++)
        {
            byte* symbol = symbols + i * SymbolSize;
            if (*(ushort*)(symbol + 6) != 0 && Text.Same(strings + *(uint*)symbol, name)) return (void*)(*(ulong*)(symbol + 8) + bias);
        }
        return null;
    }
}
