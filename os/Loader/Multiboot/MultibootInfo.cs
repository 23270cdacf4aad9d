using System.Buffers.Binary;

namespace CoSim.Os.Loader;

/// <summary>
/// The boot information that a multiboot kernel gets in EBX (Multiboot Specification 0.6.96, 3.3): memory, command line, modules,
/// memory map and the loader's name. There is no boot device, no symbol table and no video.
/// </summary>
internal static class MultibootInfo
{
    /// <summary>What EAX holds when the kernel starts.</summary>
    public const uint Magic = 0x2BAD_B002;

    /// <summary>Length of the structure in bytes, APM and video fields included.</summary>
    public const int Length = 116;

    /// <summary>Length of one module's entry.</summary>
    public const int ModuleLength = 16;

    private const uint HasMemory = 1 << 0, HasCommandLine = 1 << 2, HasModules = 1 << 3, HasMap = 1 << 6, HasLoaderName = 1 << 9;
    private const int MapEntryLength = 24, Kibibyte = 1024;

    /// <summary>The information itself.</summary>
    /// <param name="layout">The machine's memory.</param>
    /// <param name="commandLine">Physical address of the command line.</param>
    /// <param name="modules">Physical address of the modules' entries.</param>
    /// <param name="moduleCount">How many.</param>
    /// <param name="map">Physical address of the memory map.</param>
    /// <param name="mapLength">Its length in bytes.</param>
    /// <param name="loaderName">Physical address of the loader's name.</param>
    public static byte[] Write(MemoryLayout layout, ulong commandLine, ulong modules, int moduleCount, ulong map, int mapLength, ulong loaderName)
    {
        byte[] info = new byte[Length];
        void Set(int offset, ulong value) => BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(offset), checked((uint)value));
        Set(0, HasMemory | HasCommandLine | HasModules | HasMap | HasLoaderName);
        Set(4, MemoryLayout.ExtendedBiosData / Kibibyte);
        Set(8, (layout.Reclaimable - MemoryLayout.OneMebibyte) / Kibibyte);
        Set(16, commandLine);
        Set(20, (uint)moduleCount);
        Set(24, modules);
        Set(44, (uint)mapLength);
        Set(48, map);
        Set(64, loaderName);
        return info;
    }

    /// <summary>The memory map: entries of a size (which does not count itself), base, length and kind.</summary>
    public static byte[] WriteMap(MemoryLayout layout)
    {
        byte[] map = new byte[layout.Map.Count * MapEntryLength];
        int at = 0;
        foreach (MemoryRange range in layout.Map)
        {
            Span<byte> entry = map.AsSpan(at, MapEntryLength);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, MapEntryLength - sizeof(uint));
            BinaryPrimitives.WriteUInt64LittleEndian(entry[4..], range.Start);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[12..], range.End - range.Start);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[20..], (uint)range.Kind);
            at += MapEntryLength;
        }

        return map;
    }
}
