using System.Buffers.Binary;

namespace CoSim.Os.Loader;

/// <summary>
/// The setup header of a bzImage (Linux Documentation/x86/boot.rst, "The real-mode kernel header"), at offset 1F1h of the file and of
/// the zero page.
/// </summary>
/// <param name="Bytes">The header's bytes from offset 1F1h on.</param>
public sealed record LinuxSetupHeader(byte[] Bytes)
{
    /// <summary>Offset of the header in the file and in the zero page.</summary>
    public const int Start = 0x1F1;

    private const int Signature = 0x202, EndByte = 0x201, Longest = 0x290, SectorSize = 512, DefaultSectors = 4;
    private const int SetupSectors = 0x1F1, ExtraLoadFlags = 0x236, PayloadLength = 0x24C;
    private const ushort Entry64 = 1 << 0;

    /// <summary>
    /// Whether the image has a compressed vmlinux inside (payload_length, protocol 2.08). Programs that only use the boot protocol, such as
    /// memory testers, have none.
    /// </summary>
    public bool HasPayload => PayloadLength + sizeof(uint) <= Start + Bytes.Length
        && BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(PayloadLength - Start)) != 0;

    /// <summary>Whether the protected-mode part has a 64-bit entry point at offset 200h.</summary>
    public bool Has64BitEntry => ExtraLoadFlags + sizeof(ushort) <= Start + Bytes.Length
        && (BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(ExtraLoadFlags - Start)) & Entry64) != 0;

    /// <summary>Offset in the file of the part that runs in protected mode.</summary>
    public int ProtectedModeStart => ((Bytes[SetupSectors - Start] == 0 ? DefaultSectors : Bytes[SetupSectors - Start]) + 1) * SectorSize;

    /// <summary>Finds the header; null when the file is no bzImage.</summary>
    public static LinuxSetupHeader? Find(ReadOnlySpan<byte> content)
    {
        if (content.Length < Longest || !content[Signature..].StartsWith("HdrS"u8))
            return null;
        // The byte before the signature is the displacement of the jump over the header, so it tells the header's end.
        int end = Math.Min(Signature + content[EndByte], Longest);
        return new LinuxSetupHeader(content[Start..end].ToArray());
    }
}
