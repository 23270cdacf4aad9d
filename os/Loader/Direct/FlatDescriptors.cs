using System.Buffers.Binary;

namespace CoSim.Os.Loader;

/// <summary>A global descriptor table of flat segments (AMD64 APM volume 2, 4.8), and which of its entries a protocol wants.</summary>
/// <param name="Address">Its physical address.</param>
/// <param name="CodeSelector">Selector of the code segment.</param>
/// <param name="DataSelector">Selector of the data segment.</param>
/// <param name="LongMode">Whether the code segment is 64-bit.</param>
public sealed record FlatDescriptors(ulong Address, ushort CodeSelector, ushort DataSelector, bool LongMode)
{
    private const ulong Code32 = 0x00CF_9B00_0000_FFFF, Code64 = 0x00AF_9B00_0000_FFFF, Data = 0x00CF_9300_0000_FFFF;
    private const int Entries = 4;

    /// <summary>Length of the table in bytes.</summary>
    public const int Length = Entries * sizeof(ulong);

    /// <summary>Multiboot's and PVH's: code at 8, data at 10h, which are also QEMU's selectors.</summary>
    public static FlatDescriptors Protected(ulong address) => new(address, 0x08, 0x10, LongMode: false);

    /// <summary>Linux' __BOOT_CS and __BOOT_DS (Documentation/x86/boot.rst, 64-bit boot protocol).</summary>
    public static FlatDescriptors Linux(ulong address) => new(address, 0x10, 0x18, LongMode: true);

    /// <summary>The same selectors for its 32-bit boot protocol.</summary>
    public static FlatDescriptors LinuxProtected(ulong address) => Linux(address) with { LongMode = false };

    /// <summary>The table's bytes.</summary>
    public byte[] ToArray()
    {
        byte[] table = new byte[Length];
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(CodeSelector), LongMode ? Code64 : Code32);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(DataSelector), Data);
        return table;
    }
}
