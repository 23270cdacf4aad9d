using System.Buffers.Binary;

namespace CoSim.Os.Loader;

/// <summary>hvm_start_info version 1 with its module and its memory map (Xen, public/arch-x86/hvm/start_info.h).</summary>
internal static class PvhStartInfo
{
    private const uint Magic = 0x336E_C578;
    private const int HeaderLength = 56, ModuleLength = 32, RangeLength = 24;

    /// <summary>Writes the structures one after another.</summary>
    /// <param name="at">Their physical address.</param>
    /// <param name="layout">The machine's memory.</param>
    /// <param name="commandLine">Physical address of the command line.</param>
    /// <param name="ramdisk">Physical address of the initramfs.</param>
    /// <param name="ramdiskLength">Its length in bytes; 0 when there is none.</param>
    public static byte[] Write(ulong at, MemoryLayout layout, ulong commandLine, ulong ramdisk, int ramdiskLength)
    {
        IReadOnlyList<MemoryRange> map = layout.Map;
        byte[] info = new byte[HeaderLength + ModuleLength + (map.Count * RangeLength)];
        void Set32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(offset), value);
        void Set64(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(info.AsSpan(offset), value);
        Set32(0, Magic);
        Set32(4, 1); // version
        Set32(12, ramdiskLength == 0 ? 0U : 1);
        Set64(16, at + HeaderLength);
        Set64(24, commandLine);
        Set64(32, layout.Tables);
        Set64(40, at + HeaderLength + ModuleLength);
        Set32(48, (uint)map.Count);
        Set64(HeaderLength, ramdisk);
        Set64(HeaderLength + 8, (ulong)ramdiskLength);
        for (int n = 0; n < map.Count; n++)
        {
            int range = HeaderLength + ModuleLength + (n * RangeLength);
            Set64(range, map[n].Start);
            Set64(range + 8, map[n].End - map[n].Start);
            Set32(range + 16, (uint)map[n].Kind);
        }

        return info;
    }
}
