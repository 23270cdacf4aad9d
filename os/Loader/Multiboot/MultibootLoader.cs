using System.Buffers.Binary;
using System.Text;

namespace CoSim.Os.Loader;

/// <summary>A module as the user names it: a file, and what the kernel gets as its string.</summary>
/// <param name="Text">The file's name as given, with the words that followed it: QEMU hands over both.</param>
/// <param name="Content">The file's bytes.</param>
public sealed record MultibootModule(string Text, byte[] Content);

/// <summary>
/// Loads a multiboot kernel with its modules. Where the specification leaves room it does what QEMU 7.2 does: the command line is the
/// kernel's file name, a space and the parameters; memory map and information stand at 9000h and 9500h; strings and modules follow
/// the kernel, each module at a page.
/// </summary>
public static class MultibootLoader
{
    private const ulong InfoPage = 0x9000, InfoOffset = 0x500;
    private const int DescriptorOffset = 0x10;

    /// <summary>Puts everything into memory.</summary>
    /// <param name="file">The kernel's file name as the user gave it.</param>
    /// <param name="content">The kernel's file.</param>
    /// <param name="parameters">The kernel's parameters; may be empty.</param>
    /// <param name="modules">The modules in order.</param>
    /// <param name="layout">The machine's memory.</param>
    /// <exception cref="BadInputException">The kernel cannot be loaded, or does not fit into memory with its modules.</exception>
    public static DirectImage Load(string file, byte[] content, string parameters, IReadOnlyList<MultibootModule> modules, MemoryLayout layout)
    {
        LoadedProgram kernel = MultibootKernel.Read(file, content).Check(file, layout);
        List<MemoryPiece> pieces = [.. kernel.Pieces];

        ulong list = MemoryLayout.PageUp(Math.Max(kernel.End, MemoryLayout.OneMebibyte));
        Strings strings = new(list + ((ulong)modules.Count * MultibootInfo.ModuleLength));
        ulong commandLine = strings.Add($"{file} {parameters}");
        ulong loaderName = strings.Add("cosim");
        ulong[] texts = [.. modules.Select(m => strings.Add(m.Text))];
        if (!layout.CanLoad(list, strings.End - list))
            throw new BadInputException(file, $"the kernel leaves no room for its command line in the machine's memory, from {list:X}h on");
        pieces.Add(new MemoryPiece(strings.Address, strings.ToArray()));

        ulong next = MemoryLayout.PageUp(strings.End);
        byte[] entries = new byte[modules.Count * MultibootInfo.ModuleLength];
        for (int n = 0; n < modules.Count; n++)
        {
            byte[] module = modules[n].Content;
            if (!layout.CanLoad(next, (ulong)module.Length))
                throw new BadInputException(modules[n].Text, $"{module.Length} bytes do not fit into the machine's memory behind the kernel, from {next:X}h on");
            Span<byte> entry = entries.AsSpan(n * MultibootInfo.ModuleLength);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)next);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)next + (uint)module.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)texts[n]);
            pieces.Add(new MemoryPiece(next, module));
            next = MemoryLayout.PageUp(next + (ulong)module.Length);
        }

        pieces.Add(new MemoryPiece(list, entries));
        byte[] map = MultibootInfo.WriteMap(layout);
        ulong page = kernel.Overlaps(InfoPage, InfoPage + MemoryLayout.PageSize) ? next : InfoPage;
        if (!layout.CanLoad(page, MemoryLayout.PageSize))
            throw new BadInputException(file, "the kernel and its modules leave no page of the machine's memory for the boot information");
        byte[] info = MultibootInfo.Write(layout, commandLine, list, modules.Count, page, map.Length, loaderName);
        pieces.Add(new MemoryPiece(page, map));
        pieces.Add(new MemoryPiece(page + InfoOffset, info));

        FlatDescriptors flat = FlatDescriptors.Protected(MemoryLayout.ExtendedBiosData + DescriptorOffset);
        pieces.Add(new MemoryPiece(flat.Address, flat.ToArray()));
        EntryState entryState = new(LongMode: false, kernel.Entry, MultibootInfo.Magic, page + InfoOffset, Rsi: 0, flat, PageMap: 0);
        return new DirectImage([.. pieces.Where(p => !p.Bytes.IsEmpty)], entryState) { Zeroed = [.. kernel.Zeroed] };
    }

    /// <summary>NUL-terminated strings, one after another.</summary>
    private sealed class Strings(ulong address)
    {
        private readonly List<byte> _bytes = [];

        public ulong Address { get; } = address;

        public ulong End => Address + (ulong)_bytes.Count;

        public ulong Add(string text)
        {
            ulong at = End;
            _bytes.AddRange(Encoding.UTF8.GetBytes(text));
            _bytes.Add(0);
            return at;
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
