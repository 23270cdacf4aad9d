using System.Buffers.Binary;

namespace CoSim.Os.Loader;

/// <summary>
/// The zero page, Linux' struct boot_params (Documentation/x86/zero-page.rst and boot.rst, protocol 2.15): what a boot loader tells
/// the kernel.
/// </summary>
internal static class ZeroPage
{
    private const int Length = 4096;
    private const int Rsdp = 0x70, MapEntries = 0x1E8, BootFlag = 0x1FE, Signature = 0x202, Version = 0x206, LoaderType = 0x210, LoadFlags = 0x211;
    private const int Code32Start = 0x214, RamdiskImage = 0x218, RamdiskSize = 0x21C, CommandLine = 0x228, KernelAlignment = 0x230, CommandLineSize = 0x238, Map = 0x2D0;
    private const ushort BootFlagValue = 0xAA55, VersionValue = 0x20F;
    private const byte UnknownLoader = 0xFF, LoadedHigh = 1;
    private const uint AlignmentOf2MiB = 0x20_0000, LongestCommandLine = 2047;
    private const int MapEntryLength = 20;

    /// <summary>Writes the page.</summary>
    /// <param name="header">The kernel's own setup header; null when it is a vmlinux, which has none.</param>
    /// <param name="layout">The machine's memory.</param>
    /// <param name="kernel">Where the kernel's protected-mode part stands.</param>
    /// <param name="commandLine">Physical address of the command line.</param>
    /// <param name="ramdisk">Physical address of the initramfs.</param>
    /// <param name="ramdiskLength">Its length in bytes; 0 when there is none.</param>
    public static byte[] Write(LinuxSetupHeader? header, MemoryLayout layout, ulong kernel, ulong commandLine, ulong ramdisk, int ramdiskLength)
    {
        byte[] page = new byte[Length];
        if (header is not null)
            header.Bytes.CopyTo(page, LinuxSetupHeader.Start);
        else
            WriteOwnHeader(page);
        page[LoaderType] = UnknownLoader;
        page[LoadFlags] |= LoadedHigh;
        Set32(page, Code32Start, kernel);
        Set32(page, RamdiskImage, ramdiskLength == 0 ? 0 : ramdisk);
        Set32(page, RamdiskSize, (ulong)ramdiskLength);
        Set32(page, CommandLine, commandLine);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(Rsdp), layout.Tables);
        IReadOnlyList<MemoryRange> map = layout.Map;
        page[MapEntries] = (byte)map.Count;
        for (int n = 0; n < map.Count; n++)
        {
            Span<byte> entry = page.AsSpan(Map + (n * MapEntryLength), MapEntryLength);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, map[n].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], map[n].End - map[n].Start);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], (uint)map[n].Kind);
        }

        return page;
    }

    private static void WriteOwnHeader(byte[] page)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(BootFlag), BootFlagValue);
        "HdrS"u8.CopyTo(page.AsSpan(Signature));
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(Version), VersionValue);
        Set32(page, KernelAlignment, AlignmentOf2MiB);
        Set32(page, CommandLineSize, LongestCommandLine);
    }

    private static void Set32(byte[] page, int offset, ulong value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(offset), checked((uint)value));
}
