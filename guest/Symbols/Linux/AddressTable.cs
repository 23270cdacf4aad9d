using System.Buffers.Binary;

namespace CoSim.Guest.Symbols.Linux;

/// <summary>
/// The addresses of the symbols, ascending: 32-bit offsets with a base (CONFIG_KALLSYMS_BASE_RELATIVE) or 64-bit addresses, in front
/// of the number of names until Linux 6.3 and behind the tokens since.
/// </summary>
internal static class AddressTable
{
    private const ulong LowestBase = 0xFFFF_8000_0000_0000;

    /// <summary>Reads the addresses; null when none of the known places has ascending ones.</summary>
    /// <param name="file">All bytes of the file.</param>
    /// <param name="names">The names.</param>
    /// <param name="tokensEnd">File offset behind the tokens' index.</param>
    public static ulong[]? Read(ReadOnlySpan<byte> file, NameTable names, int tokensEnd)
    {
        int offsetBytes = NameTable.Aligned(names.Count * sizeof(uint));
        return Relative(file, names.CountAt - sizeof(ulong) - offsetBytes, names.CountAt - sizeof(ulong), names.Count)
            ?? Relative(file, tokensEnd, tokensEnd + offsetBytes, names.Count)
            ?? Absolute(file, names.CountAt - names.Count * sizeof(ulong), names.Count)
            ?? Absolute(file, tokensEnd, names.Count);
    }

    private static ulong[]? Relative(ReadOnlySpan<byte> file, int offsetsAt, int baseAt, int count)
    {
        if (offsetsAt < 0 || baseAt > file.Length - sizeof(ulong))
            return null;
        ulong origin = BinaryPrimitives.ReadUInt64LittleEndian(file[baseAt..]);
        if (origin < LowestBase)
            return null;
        int[] offsets = new int[count];
        bool signed = false;
        for (int i = 0; i < count; i++)
        {
            offsets[i] = BinaryPrimitives.ReadInt32LittleEndian(file[(offsetsAt + i * sizeof(int))..]);
            signed |= offsets[i] < 0;
        }
        // CONFIG_KALLSYMS_ABSOLUTE_PERCPU: offsets from 0 on are values as they are; negative ones count from the base, -1 being offset 0.
        return Ascending(Array.ConvertAll(offsets, o => !signed ? origin + (uint)o : o >= 0 ? (ulong)o : origin - 1 - (ulong)(long)o));
    }

    private static ulong[]? Absolute(ReadOnlySpan<byte> file, int at, int count)
    {
        if (at < 0 || at > file.Length - (long)count * sizeof(ulong))
            return null;
        ulong[] addresses = new ulong[count];
        for (int i = 0; i < count; i++)
            addresses[i] = BinaryPrimitives.ReadUInt64LittleEndian(file[(at + i * sizeof(ulong))..]);
        return addresses[^1] >= LowestBase ? Ascending(addresses) : null;
    }

    private static ulong[]? Ascending(ulong[] addresses)
    {
        for (int i = 1; i < addresses.Length; i++)
            if (addresses[i] < addresses[i - 1])
                return null;
        return addresses;
    }
}
