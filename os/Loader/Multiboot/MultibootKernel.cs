namespace CoSim.Os.Loader;

/// <summary>Reads a multiboot kernel: an ELF file, or any file whose header has address fields (Multiboot Specification 0.6.96, 3.1.3).</summary>
public static class MultibootKernel
{
    /// <summary>Reads the kernel's parts.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="content">All bytes of the file.</param>
    /// <exception cref="BadInputException">It is no multiboot kernel, or is damaged.</exception>
    public static LoadedProgram Read(string file, ReadOnlyMemory<byte> content)
    {
        MultibootHeader header = MultibootHeader.Find(file, content.Span);
        if (header.Addresses is { } addresses)
            return ByAddresses(file, content, header.Offset, addresses);
        if (!PhysicalElf.Is(content.Span))
            throw new BadInputException(file, $"offset {header.Offset}", "neither an ELF file nor a multiboot header with addresses (flag 16)");
        return PhysicalElf.Read(file, content);
    }

    private static LoadedProgram ByAddresses(string file, ReadOnlyMemory<byte> content, int offset, MultibootAddresses a)
    {
        string place = $"offset {offset + 12}";
        if (a.Header < a.Load || a.Header - a.Load > (uint)offset)
            throw new BadInputException(file, place, $"the header stands at {a.Header:X}h, but what is loaded at {a.Load:X}h begins outside of the file");
        int first = offset - (int)(a.Header - a.Load);
        uint rest = (uint)(content.Length - first);
        uint length = a.LoadEnd == 0 ? rest : a.LoadEnd - a.Load;
        if (a.LoadEnd != 0 && (a.LoadEnd < a.Load || length > rest))
            throw new BadInputException(file, place, $"truncated: {length} bytes are to be loaded from offset {first}, the file has {rest} there");
        uint size = a.BssEnd == 0 ? length : a.BssEnd - a.Load;
        if (size < length)
            throw new BadInputException(file, place, $"the zeroed memory ends at {a.BssEnd:X}h, before the loaded part does");
        return new LoadedProgram([new ProgramPart(a.Load, content.Slice(first, (int)length), size)], a.Entry);
    }
}
