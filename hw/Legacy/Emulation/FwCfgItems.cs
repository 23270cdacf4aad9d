using System.Buffers.Binary;
using System.Text;

namespace CoSim.Hw.Legacy;

/// <summary>
/// What the <see cref="FwCfg"/> device holds: items by number, and files by name, which have numbers from 20h on and are listed in
/// the directory (item 19h). Numbers are little-endian, those of the directory big-endian.
/// </summary>
/// <remarks>Source: QEMU 7.2, docs/specs/fw_cfg.rst and include/standard-headers/linux/qemu_fw_cfg.h.</remarks>
public sealed class FwCfgItems
{
    /// <summary>The most bytes that a file's name has; the directory has room for one NUL more.</summary>
    public const int MaximumName = 55;

    private const ushort Signature = 0x00, Id = 0x01, RamSize = 0x03, PresentCpus = 0x05, MaximumCpus = 0x0F, BootMenu = 0x0E;
    private const ushort Directory = 0x19, FirstFile = 0x20, Irq0Override = 0x8002;
    private const uint TraditionalAndDma = 3;
    private const int EntryLength = 64;

    private readonly Dictionary<ushort, byte[]> _items = [];
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>The items of a machine, without files.</summary>
    /// <param name="memoryBytes">All of its RAM.</param>
    /// <param name="cores">Cores present, which is the most there can be.</param>
    public FwCfgItems(ulong memoryBytes, int cores)
    {
        _items[Signature] = "QEMU"u8.ToArray();
        _items[Id] = Number(TraditionalAndDma, sizeof(uint));
        _items[RamSize] = Number(memoryBytes, sizeof(ulong));
        _items[PresentCpus] = Number((uint)cores, sizeof(ushort));
        _items[MaximumCpus] = Number((uint)cores, sizeof(ushort));
        _items[BootMenu] = Number(1, sizeof(ushort));
        _items[Irq0Override] = Number(1, sizeof(uint));
        RebuildDirectory();
    }

    /// <summary>Adds a file, or replaces one of the same name. Numbers go by the order of the names.</summary>
    /// <param name="name">1 to 55 ASCII characters.</param>
    /// <param name="contents">Its bytes.</param>
    /// <exception cref="ArgumentException">The name is empty, too long or not ASCII.</exception>
    public void AddFile(string name, byte[] contents)
    {
        if (name.Length is 0 or > MaximumName || !Ascii.IsValid(name))
        {
            throw new ArgumentException($"'{name}' is not 1 to {MaximumName} ASCII characters");
        }

        _files[name] = contents;
        RebuildDirectory();
    }

    /// <summary>An item's bytes; empty when there is no such item.</summary>
    public ReadOnlyMemory<byte> this[ushort number] => _items.GetValueOrDefault(number) ?? [];

    /// <summary>A number as its little-endian bytes, 1 to 8 of them.</summary>
    public static byte[] Number(ulong value, int bytes)
    {
        byte[] all = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(all, value);
        return all[..bytes];
    }

    private void RebuildDirectory()
    {
        byte[] directory = new byte[sizeof(uint) + (_files.Count * EntryLength)];
        BinaryPrimitives.WriteInt32BigEndian(directory, _files.Count);
        ushort number = FirstFile;
        int at = sizeof(uint);
        foreach ((string name, byte[] contents) in _files)
        {
            Span<byte> entry = directory.AsSpan(at, EntryLength);
            BinaryPrimitives.WriteInt32BigEndian(entry, contents.Length);
            BinaryPrimitives.WriteUInt16BigEndian(entry[4..], number);
            Encoding.ASCII.GetBytes(name, entry[8..]);
            _items[number++] = contents;
            at += EntryLength;
        }

        _items[Directory] = directory;
    }
}
