using CoSim.Guest;

namespace CoSim.Firmware.Boot;

/// <summary>Loads a kernel: ELF64, segments at their physical addresses, entry by the PVH note.</summary>
public static unsafe class ElfLoader
{
    private const uint ElfMagic = 0x464C457F, Load = 1, Note = 4, XenPhys32Entry = 18, XenName = 0x006E6558;
    private const uint LowestLoad = 0x100000;

    private struct Segment
    {
        public uint Type, Flags;
        public ulong Offset, Virtual, Physical, FileSize, MemorySize, Alignment;
    }

    /// <summary>Copies the segments.</summary>
    /// <param name="file">The ELF file.</param>
    /// <param name="size">Its length in bytes.</param>
    /// <param name="limit">End of the memory that may be loaded to.</param>
    /// <param name="end">One past the last byte loaded.</param>
    /// <returns>The 32-bit entry point, or 0 when the file is not a kernel that can be loaded.</returns>
    public static uint LoadKernel(byte* file, ulong size, ulong limit, out ulong end)
    {
        end = 0;
        if (size < 64 || *(uint*)file != ElfMagic || file[4] != 2) return 0;
        ulong table = *(ulong*)(file + 32);
        uint entrySize = *(ushort*)(file + 54), count = *(ushort*)(file + 56), entry = 0;
        if (entrySize < sizeof(Segment) || table > size || (ulong)count * entrySize > size - table) return 0;
        for (uint i = 0; i < count; i++)
        {
            Segment* s = (Segment*)(file + table + i * entrySize);
            if (s->Type is not (Load or Note)) continue;
            if (s->Offset > size || s->FileSize > size - s->Offset) return 0;
            if (s->Type == Note) entry = entry != 0 ? entry : FindEntry(file + s->Offset, s->FileSize);
            else if (!Copy(file, s, limit, ref end)) return 0;
        }
        return entry;
    }

    private static bool Copy(byte* file, Segment* s, ulong limit, ref ulong end)
    {
        if (s->MemorySize == 0) return true;
        if (s->Physical < LowestLoad || s->FileSize > s->MemorySize || s->MemorySize > limit || s->Physical > limit - s->MemorySize) return false;
        Machine.RepMovsb((void*)s->Physical, file + s->Offset, (nuint)s->FileSize);
        Machine.RepStosb((byte*)s->Physical + s->FileSize, 0, (nuint)(s->MemorySize - s->FileSize));
        if (s->Physical + s->MemorySize > end) end = s->Physical + s->MemorySize;
        return true;
    }

    private static uint FindEntry(byte* note, ulong size)
    {
        ulong at = 0;
        while (at + 12 <= size)
        {
            uint nameSize = *(uint*)(note + at), dataSize = *(uint*)(note + at + 4), type = *(uint*)(note + at + 8);
            ulong data = at + 12 + (nameSize + 3UL & ~3UL), next = data + (dataSize + 3UL & ~3UL);
            if (next > size) return 0;
            if (type == XenPhys32Entry && nameSize == 4 && *(uint*)(note + at + 12) == XenName && dataSize >= 4) return *(uint*)(note + data);
            at = next;
        }
        return 0;
    }
}
