using System.Runtime.InteropServices;
using CoSim.Guest.Symbols;

namespace CoSim.Cli.Clocks;

/// <summary>Finds the 64-bit vDSO that the kernel in a machine's flash carries: our operating system's, or Linux'.</summary>
internal static class FlashVdso
{
    private const string KernelFile = "kernel", Entry = "__vdso_clock_gettime";
    private const int HeaderBytes = 64, SectionHeaderBytes = 64;

    /// <summary>What its code tells; null when there is none.</summary>
    public static VdsoCode? Find(ReadOnlyMemory<byte> flash)
    {
        if (FlashImage.Find(flash, KernelFile) is not { } kernel)
            return null;
        ReadOnlySpan<byte> file = kernel.Span;
        ReadOnlySpan<byte> magic = [0x7F, (byte)'E', (byte)'L', (byte)'F'];
        // The kernel's file begins with one itself.
        for (int at = 1; at < file.Length;)
        {
            int next = file[at..].IndexOf(magic);
            if (next < 0)
                return null;
            at += next;
            if (Read(file[at..]) is { } image && image.Symbols.Find(Entry) is { IsFunction: true })
                return new VdsoCode(image);
            at++;
        }

        return null;
    }

    /// <summary>The shared object that begins here; null when none does. Its section headers are the last of its file.</summary>
    private static ElfImage? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes)
            return null;
        ElfHeader header = MemoryMarshal.Read<ElfHeader>(bytes);
        ulong end = header.SectionHeaders + ((ulong)header.SectionCount * SectionHeaderBytes);
        if (header is not { Class: 2, Data: 1, Machine: ElfHeader.X86_64, Type: ElfHeader.Shared } || end < HeaderBytes || end > (ulong)bytes.Length)
            return null;
        try
        {
            ElfImage image = ElfImage.Read("vdso", bytes[..(int)end].ToArray());
            _ = image.Symbols;
            return image;
        }
        catch (ImageFormatException)
        {
            // Bytes of something else that begin as a shared object does.
            return null;
        }
    }
}
