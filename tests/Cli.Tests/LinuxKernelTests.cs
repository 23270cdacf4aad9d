using System.Buffers.Binary;
using System.IO.Compression;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests;

/// <summary>Kernel images as users give them: vmlinux, bzImage with several compressions, and what is none of these.</summary>
[TestFixture]
public sealed class LinuxKernelTests
{
    private const int PayloadAt = 0x30, SetupSectors = 2, Start = ((SetupSectors + 1) * 512) + PayloadAt;

    [Test]
    public void VmlinuxIsTakenAsItIs()
    {
        byte[] vmlinux = Vmlinux();
        Assert.That(LinuxKernel.Extract("vmlinux", vmlinux), Is.SameAs(vmlinux));
    }

    [Test]
    public void GzipPayloadIsDecompressed()
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Vmlinux());
        Assert.That(LinuxKernel.Extract("vmlinuz", Image(compressed.ToArray())), Is.EqualTo(Vmlinux()));
    }

    [Test]
    public void UncompressedPayloadIsTaken() =>
        Assert.That(LinuxKernel.Extract("vmlinuz", Image([.. Vmlinux(), 0, 0, 0, 0]))[..Vmlinux().Length], Is.EqualTo(Vmlinux()));

    [Test]
    public void TextIsRefused() => Refused(new byte[4096], "neither an ELF file (vmlinux) nor a bzImage");

    [Test]
    public void OldProtocolIsRefused()
    {
        byte[] image = Image(new byte[64]);
        image[0x206] = 7;
        Refused(image, "boot protocol 2.07");
    }

    [Test]
    public void TruncatedImageIsRefused([Values(0x250, Start, Start + 63)] int length) =>
        Refused(Image(new byte[64])[..length], "truncated");

    [Test]
    public void UnknownCompressionIsRefused() => Refused(Image(new byte[64]), "give its vmlinux instead");

    [Test]
    public void DamagedGzipIsRefused() => Refused(Image([0x1F, 0x8B, 8, 0, .. new byte[60]]), "vmlinuz: ");

    [Test]
    public void KernelWithoutPvhEntryIsRefused()
    {
        byte[] vmlinux = Vmlinux();
        BinaryPrimitives.WriteUInt32LittleEndian(vmlinux.AsSpan(128), 17);
        Refused(vmlinux, "CONFIG_PVH");
    }

    [Test]
    public void CutsOfAKernelNeverCrash([Range(4, 140, 8)] int length) =>
        Assert.That(() => LinuxKernel.Extract("vmlinux", Vmlinux()[..length]), Throws.TypeOf<BadInputException>());

    private static void Refused(byte[] content, string mention) =>
        Assert.That(() => LinuxKernel.Extract("vmlinuz", content), Throws.TypeOf<BadInputException>().With.Message.Contains(mention));

    /// <summary>An ELF header, one note segment header at 64, and the note of the PVH entry at 120.</summary>
    private static byte[] Vmlinux()
    {
        byte[] elf = new byte[144];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(elf);
        Span<byte> header = elf;
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], 62);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(header[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(header[56..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header[64..], 4);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], 120);
        BinaryPrimitives.WriteUInt64LittleEndian(header[96..], 24);
        BinaryPrimitives.WriteUInt32LittleEndian(header[120..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[124..], 8);
        BinaryPrimitives.WriteUInt32LittleEndian(header[128..], 18);
        "Xen\0"u8.CopyTo(header[132..]);
        return elf;
    }

    private static byte[] Image(byte[] payload)
    {
        byte[] image = new byte[Start + payload.Length];
        image[0x1F1] = SetupSectors;
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), 0x20F);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x248), PayloadAt);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x24C), (uint)payload.Length);
        payload.CopyTo(image, Start);
        return image;
    }
}
