using System.Buffers.Binary;
using System.Text;

namespace CoSim.Os.Loader;

/// <summary>
/// Loads a Linux kernel without firmware (Documentation/x86/boot.rst): kernel where it wants to be, initramfs at the end of low memory,
/// zero page or PVH start information, command line and page tables in base memory, which the kernel has read before it uses it.
/// </summary>
public static class LinuxLoader
{
    private const ulong StartPage = 0x7000, PageMap = 0x9000, Directories = 0xA000, CommandLineAt = 0x2_0000, BzImageAt = 0x10_0000;
    private const ulong Entry64Offset = 0x200, PresentWritable = 3, LargePage = 0x83;
    private const int DescriptorOffset = 0x10, LongestCommandLine = 2047, MappedGibibytes = 4, GibibyteShift = 30;

    /// <summary>Puts everything into memory.</summary>
    /// <param name="image">The kernel.</param>
    /// <param name="initramfs">The initramfs; may be empty.</param>
    /// <param name="commandLine">The kernel's command line.</param>
    /// <param name="protocol">How it is started.</param>
    /// <param name="layout">The machine's memory.</param>
    /// <exception cref="BadInputException">The kernel does not know the protocol, or memory is too small.</exception>
    public static DirectImage Load(LinuxImage image, byte[] initramfs, string commandLine, LinuxProtocol protocol, MemoryLayout layout)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(commandLine), 0];
        if (text.Length > LongestCommandLine + 1)
            throw new BadInputException("--append", $"the kernel's command line has {text.Length - 1} bytes; {LongestCommandLine} is the most that Linux takes");
        if (image.Vmlinux.Length == 0 && protocol != LinuxProtocol.BzImage)
            throw new BadInputException(image.File, "offset 588", "there is no compressed kernel inside (payload_length is 0); only '--direct bzimage' can start it");
        LoadedProgram kernel = (protocol == LinuxProtocol.BzImage ? ProtectedModePart(image) : PhysicalElf.Read(image.File, image.Vmlinux)).Check(image.File, layout);
        ulong ramdisk = (layout.Reclaimable - (ulong)initramfs.Length) & ~(MemoryLayout.PageSize - 1);
        if ((ulong)initramfs.Length > layout.Reclaimable || ramdisk < kernel.End)
            throw new BadInputException(image.File, $"the kernel ends at {kernel.End:X}h; an initramfs of {initramfs.Length} bytes does not fit between there and {layout.Reclaimable:X}h");

        bool pvh = protocol == LinuxProtocol.Pvh, longMode = !pvh && !StartsIn32Bits(image, protocol);
        ulong descriptors = MemoryLayout.ExtendedBiosData + DescriptorOffset;
        FlatDescriptors flat = longMode ? FlatDescriptors.Linux(descriptors)
            : pvh ? FlatDescriptors.Protected(descriptors) : FlatDescriptors.LinuxProtected(descriptors);
        byte[] start = !pvh
            ? ZeroPage.Write(image.Header, layout, kernel.Parts[0].Address, CommandLineAt, ramdisk, initramfs.Length)
            : PvhStartInfo.Write(StartPage, layout, CommandLineAt, ramdisk, initramfs.Length);
        List<MemoryPiece> pieces =
        [
            .. kernel.Pieces,
            new(StartPage, start),
            new(CommandLineAt, text),
            new(flat.Address, flat.ToArray()),
        ];
        if (initramfs.Length > 0)
            pieces.Add(new MemoryPiece(ramdisk, initramfs));
        if (pvh)
            return new DirectImage(pieces, new EntryState(LongMode: false, PvhNote.Entry(image.File, image.Vmlinux), Rax: 0, Rbx: StartPage, Rsi: 0, flat, PageMap: 0));
        if (!longMode)
            return new DirectImage(pieces, new EntryState(LongMode: false, kernel.Entry, Rax: 0, Rbx: 0, Rsi: StartPage, flat, PageMap: 0));
        pieces.Add(new MemoryPiece(PageMap, Table(1, Directories | PresentWritable, 0)));
        pieces.Add(new MemoryPiece(Directories, Table(MappedGibibytes, LargePage, 1UL << GibibyteShift)));
        return new DirectImage(pieces, new EntryState(LongMode: true, kernel.Entry, Rax: 0, Rbx: 0, Rsi: StartPage, flat, PageMap));
    }

    private static LoadedProgram ProtectedModePart(LinuxImage image)
    {
        if (image.Header is not { } header)
            throw new BadInputException(image.File, "is a vmlinux; only a bzImage decompresses itself");
        ulong entry = header.Has64BitEntry ? Entry64Offset : 0;
        if (header.ProtectedModeStart + (int)entry >= image.Content.Length)
            throw new BadInputException(image.File, $"offset {image.Content.Length}", "truncated: the part that runs in protected mode is missing");
        ReadOnlyMemory<byte> bytes = image.Content.AsMemory(header.ProtectedModeStart);
        return new LoadedProgram([new ProgramPart(BzImageAt, bytes, (ulong)bytes.Length)], BzImageAt + entry);
    }

    /// <summary>Without a 64-bit entry point a bzImage is entered in protected mode at its first byte (boot.rst, "32-bit boot protocol").</summary>
    private static bool StartsIn32Bits(LinuxImage image, LinuxProtocol protocol) =>
        protocol == LinuxProtocol.BzImage && image.Header is { Has64BitEntry: false };

    /// <summary>A page of page-table entries, the first few of which are set.</summary>
    private static byte[] Table(int count, ulong first, ulong step)
    {
        byte[] table = new byte[MemoryLayout.PageSize];
        for (int n = 0; n < count; n++)
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(n * sizeof(ulong)), first + (step * (uint)n));
        return table;
    }
}
