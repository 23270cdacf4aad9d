using System.Runtime.InteropServices;
using CoSim.Guest.Symbols;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Clocks;

/// <summary>
/// Finds the 64-bit vDSO that a machine's kernel carries: our operating system's, or Linux'. The kernel lies in the flash, or in memory where
/// the host has put it in the place of a firmware.
/// </summary>
internal static class KernelVdso
{
    private const string KernelFile = "kernel", Entry = "__vdso_clock_gettime";
    private const int HeaderBytes = 64, SectionHeaderBytes = 64;

    /// <summary>Kernels are put low in memory: no more than this is searched, in bytes.</summary>
    private const ulong SearchedMemory = 256UL << 20;

    /// <summary>What the code of a machine's vDSO tells; null when it has none, or has it in a compressed kernel only.</summary>
    public static VdsoCode? Of(Machine machine) =>
        FlashImage.Find(machine.Spec.Flash, KernelFile) is { } kernel ? In(kernel.Span) : InMemory(machine.Memory);

    private static unsafe VdsoCode? InMemory(PhysicalMemory memory)
    {
        foreach ((ulong start, ulong length, bool ram) in memory.Ranges)
        {
            if (ram && memory.PointerTo(start, out _) is var host && host != null
                && In(new ReadOnlySpan<byte>(host, (int)Math.Min(length, SearchedMemory))) is { } found)
                return found;
        }

        return null;
    }

    private static VdsoCode? In(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> magic = [0x7F, (byte)'E', (byte)'L', (byte)'F'];
        // A kernel's file begins with one itself.
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
