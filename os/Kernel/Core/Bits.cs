namespace CoSim.Os;

/// <summary>Small integer helpers that compile to one or a few instructions.</summary>
public static class Bits
{
    /// <summary>The next multiple of a power of two.</summary>
    public static ulong AlignUp(ulong value, ulong alignment) => (value + alignment - 1) & ~(alignment - 1);

    /// <summary>The last multiple of a power of two.</summary>
    public static ulong AlignDown(ulong value, ulong alignment) => value & ~(alignment - 1);

    /// <summary>The smaller.</summary>
    public static ulong Min(ulong a, ulong b) => a < b ? a : b;

    /// <summary>The larger.</summary>
    public static ulong Max(ulong a, ulong b) => a > b ? a : b;

    /// <summary>The smaller.</summary>
    public static int Min(int a, int b) => a < b ? a : b;

    /// <summary>The larger.</summary>
    public static int Max(int a, int b) => a > b ? a : b;

    /// <summary>Index of the lowest set bit of a value that is not 0.</summary>
    public static int Lowest(ulong value)
    {
        int n = 0;
        if ((uint)value == 0) { n += 32; value >>= 32; }
        if ((ushort)value == 0) { n += 16; value >>= 16; }
        if ((byte)value == 0) { n += 8; value >>= 8; }
        while ((value & 1) == 0) { n++; value >>= 1; }
        return n;
    }

    /// <summary>Number of set bits.</summary>
    public static int Count(ulong value)
    {
        int n = 0;
        for (; value != 0; value &= value - 1) n++;
        return n;
    }
}
