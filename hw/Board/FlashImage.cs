using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>One file in the flash: <c>kernel</c>, <c>initrd</c>, <c>cmdline</c>.</summary>
public sealed record FlashFile(string Name, ReadOnlyMemory<byte> Contents);

/// <summary>
/// Lays out the SPI flash: files from the bottom, their directory, and the firmware against the top, so that its last 16
/// bytes are the reset vector.
/// </summary>
/// <remarks>
/// 32 bytes below the flash's end stand the magic number and the offset of the directory. The directory is a count (u32), a
/// reserved u32, and entries of 48 bytes: name (32 bytes, NUL padded), offset from the flash's first byte, size.
/// </remarks>
public static class FlashImage
{
    /// <summary>Marks the directory pointer; firmware looks for it.</summary>
    public const ulong Magic = 0x444D_4953_4F43_0001;

    private const int MinimumLength = 16 << 20;
    private const int MaximumLength = 1 << 30;
    private const int EntryLength = 48;
    private const int NameLength = 32;
    private const int PointerFromEnd = 32;
    private const int FileAlignment = 4096;

    /// <summary>Builds the image; its length is a power of two from 16 MiB.</summary>
    /// <param name="firmware">The firmware's flat image, which ends with the reset vector.</param>
    /// <param name="files">What the firmware will find in the directory.</param>
    /// <exception cref="ArgumentException">A name is longer than 31 bytes, or everything together is larger than 1 GiB.</exception>
    public static byte[] Build(ReadOnlySpan<byte> firmware, IReadOnlyList<FlashFile> files)
    {
        long directoryLength = 8 + ((long)files.Count * EntryLength);
        long contentsLength = Align(directoryLength) + files.Sum(f => Align(f.Contents.Length));
        ulong needed = BitOperations.RoundUpToPowerOf2((ulong)Math.Max(MinimumLength, contentsLength + firmware.Length));
        if (needed > MaximumLength)
        {
            throw new ArgumentException($"the files need a flash of {needed >> 20} MiB, more than {MaximumLength >> 20} MiB");
        }

        byte[] flash = new byte[needed];
        LargePages.Prefer(flash);
        BinaryPrimitives.WriteUInt32LittleEndian(flash, (uint)files.Count);
        long at = Align(directoryLength);
        for (int i = 0; i < files.Count; i++)
        {
            FlashFile file = files[i];
            Span<byte> entry = flash.AsSpan(8 + (i * EntryLength), EntryLength);
            if (Encoding.UTF8.GetByteCount(file.Name) >= NameLength)
            {
                throw new ArgumentException($"'{file.Name}' is longer than {NameLength - 1} bytes");
            }

            Encoding.UTF8.GetBytes(file.Name, entry);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[NameLength..], (ulong)at);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[(NameLength + 8)..], (ulong)file.Contents.Length);
            file.Contents.Span.CopyTo(flash.AsSpan((int)at));
            at += Align(file.Contents.Length);
        }

        firmware.CopyTo(flash.AsSpan(flash.Length - firmware.Length));
        Span<byte> pointer = flash.AsSpan(flash.Length - PointerFromEnd);
        BinaryPrimitives.WriteUInt64LittleEndian(pointer, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(pointer[8..], 0);
        return flash;
    }

    /// <summary>An image with a firmware that is not ours against its top and all ones below.</summary>
    /// <param name="firmware">The firmware: a multiple of 64 KiB, 16 MiB at most.</param>
    /// <exception cref="ArgumentException">Its length is another.</exception>
    public static byte[] ForBios(ReadOnlySpan<byte> firmware)
    {
        const int unit = 64 << 10;
        if (firmware.Length is 0 or > MinimumLength || firmware.Length % unit != 0)
        {
            throw new ArgumentException($"{firmware.Length} bytes are not a multiple of 64 KiB up to 16 MiB");
        }

        byte[] flash = new byte[MinimumLength];
        flash.AsSpan().Fill(0xFF);
        firmware.CopyTo(flash.AsSpan(MinimumLength - firmware.Length));
        return flash;
    }

    /// <summary>Finds a file in an image.</summary>
    /// <returns>Null when there is no such file, or the image is none of this layout.</returns>
    public static ReadOnlyMemory<byte>? Find(ReadOnlyMemory<byte> flash, string name)
    {
        ReadOnlySpan<byte> bytes = flash.Span;
        ulong length = (ulong)bytes.Length;
        if (length < MinimumLength || BinaryPrimitives.ReadUInt64LittleEndian(bytes[^PointerFromEnd..]) != Magic)
        {
            return null;
        }

        ulong at = BinaryPrimitives.ReadUInt64LittleEndian(bytes[^(PointerFromEnd - 8)..]);
        uint count = at <= length - 8 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(int)at..]) : 0;
        for (uint i = 0; i < count; i++)
        {
            ulong entryAt = at + 8 + ((ulong)i * EntryLength);
            if (entryAt > length - EntryLength)
            {
                return null;
            }

            ReadOnlySpan<byte> entry = bytes.Slice((int)entryAt, EntryLength);
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(entry[NameLength..]);
            ulong size = BinaryPrimitives.ReadUInt64LittleEndian(entry[(NameLength + 8)..]);
            if (Encoding.UTF8.GetString(entry[..NameLength]).TrimEnd('\0') == name && offset <= length && size <= length - offset)
            {
                return flash.Slice((int)offset, (int)size);
            }
        }

        return null;
    }

    private static long Align(long length) => (length + FileAlignment - 1) & ~(long)(FileAlignment - 1);
}
