using System.Buffers.Binary;

namespace CoSim.Cli.Tests.Boot;

/// <summary>How a test kernel's file is made.</summary>
public enum MultibootFormat
{
    /// <summary>A flat file; the header's address fields say where it goes.</summary>
    AddressFields,

    /// <summary>An ELF file of 32 bits.</summary>
    Elf32,

    /// <summary>An ELF file of 64 bits.</summary>
    Elf64,
}

/// <summary>Wraps code for 1 MiB into a kernel file.</summary>
internal static class MultibootFile
{
    /// <summary>Where the header stands in memory; code follows.</summary>
    public const uint Base = 0x10_0000;

    /// <summary>Bytes of the header, address fields included, at the start of the image.</summary>
    public const int HeaderLength = 32;

    /// <summary>Zeroed memory behind the code.</summary>
    public const uint BssLength = 0x8000;

    private const uint Magic = 0x1BAD_B002;
    private const int Offset = 0x1000;

    /// <summary>Makes a file of code that is assembled for <see cref="Base"/> + <see cref="HeaderLength"/>.</summary>
    public static byte[] Build(MultibootFormat format, byte[] code) => format switch
    {
        MultibootFormat.AddressFields => Image(code, 3 | (1 << 16)),
        MultibootFormat.Elf32 => Elf32(Image(code, 3)),
        _ => Elf64(Image(code, 3)),
    };

    private static byte[] Image(byte[] code, uint flags)
    {
        byte[] image = [.. new byte[HeaderLength], .. code];
        uint end = Base + (uint)image.Length;
        uint[] words = [Magic, flags, unchecked(0 - (Magic + flags)), Base, Base, end, end + BssLength, Base + HeaderLength];
        for (int n = 0; n < words.Length; n++)
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(n * sizeof(uint)), words[n]);
        return image;
    }

    // System V gABI, chapters 4 and 5: one segment, whose virtual address is not its physical one.
    private static byte[] Elf32(byte[] image)
    {
        byte[] file = [.. new byte[Offset], .. image];
        Header(file, 1, 3);
        const uint high = 0xC000_0000;
        uint[] fields = [high + Base + HeaderLength, 52];
        Words(file, 24, fields);
        Halves(file, 40, 52, 32, 1);
        Words(file, 52, 1, Offset, high + Base, Base, (uint)image.Length, (uint)image.Length + BssLength, 7, 0x1000);
        return file;
    }

    private static byte[] Elf64(byte[] image)
    {
        byte[] file = [.. new byte[Offset], .. image];
        Header(file, 2, 62);
        Words(file, 24, Base + HeaderLength, 0, 64, 0);
        Halves(file, 52, 64, 56, 1);
        Words(file, 64, 1, 7, Offset, 0, Base, 0, Base, 0, (uint)image.Length, 0, (uint)image.Length + BssLength, 0, 0x1000, 0);
        return file;
    }

    private static void Header(byte[] file, byte elfClass, ushort machine)
    {
        "\u007fELF"u8.CopyTo(file);
        (file[4], file[5], file[6]) = (elfClass, 1, 1);
        Halves(file, 16, 2, machine);
    }

    private static void Words(byte[] file, int at, params uint[] values)
    {
        for (int n = 0; n < values.Length; n++)
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + (n * sizeof(uint))), values[n]);
    }

    private static void Halves(byte[] file, int at, params ushort[] values)
    {
        for (int n = 0; n < values.Length; n++)
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + (n * sizeof(ushort))), values[n]);
    }
}
