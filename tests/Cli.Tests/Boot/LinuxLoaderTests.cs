using System.Buffers.Binary;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests.Boot;

/// <summary>What a Linux kernel is given when it starts without firmware (Documentation/x86/boot.rst and zero-page.rst).</summary>
[TestFixture]
public sealed class LinuxLoaderTests
{
    private const ulong ZeroPage = 0x7000;
    private static readonly MemoryLayout Layout = new(64UL << 20, 0);

    [Test]
    public void ZeroPageTellsEverything()
    {
        DirectImage image = LinuxLoader.Load(Vmlinux(), [1, 2, 3], "console=ttyS0", LinuxProtocol.Linux64, Layout);
        ReadOnlySpan<byte> page = Piece(image, ZeroPage);
        Assert.That(image.Entry, Is.EqualTo(new EntryState(true, MultibootFile.Base + MultibootFile.HeaderLength, 0, 0, ZeroPage, image.Entry.Flat, image.Entry.PageMap)));
        Assert.That((image.Entry.Flat.CodeSelector, image.Entry.Flat.DataSelector), Is.EqualTo(((ushort)0x10, (ushort)0x18)));
        Assert.That(page[0x202..0x206].ToArray(), Is.EqualTo("HdrS"u8.ToArray()));
        Assert.That(page[0x210], Is.EqualTo(0xFF), "type_of_loader: none of those with a number");
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(page[0x70..]), Is.EqualTo(Layout.Tables), "acpi_rsdp_addr");
        uint ramdisk = BinaryPrimitives.ReadUInt32LittleEndian(page[0x218..]), length = BinaryPrimitives.ReadUInt32LittleEndian(page[0x21C..]);
        Assert.That(length, Is.EqualTo(3));
        Assert.That(Piece(image, ramdisk).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        uint commandLine = BinaryPrimitives.ReadUInt32LittleEndian(page[0x228..]);
        Assert.That(Piece(image, commandLine).ToArray(), Is.EqualTo("console=ttyS0\0"u8.ToArray()));
        Assert.That(page[0x1E8], Is.EqualTo(Layout.Map.Count));
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(page[(0x2D0 + 8)..]), Is.EqualTo(0x9FC00), "length of the first range");
    }

    [Test]
    public void LowFourGibibytesAreMappedOneToOne()
    {
        DirectImage image = LinuxLoader.Load(Vmlinux(), [], "", LinuxProtocol.Linux64, Layout);
        ulong directory = BinaryPrimitives.ReadUInt64LittleEndian(Piece(image, image.Entry.PageMap)) & ~0xFFFUL;
        for (uint gib = 0; gib < 4; gib++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(Piece(image, directory)[(int)(gib * 8)..]);
            Assert.That(entry, Is.EqualTo(((ulong)gib << 30) | 0x83));
        }
    }

    [Test]
    public void WhatCannotBeIsNamed()
    {
        Fails(LinuxProtocol.Pvh, [], "", "kernel: no PVH entry note");
        Fails(LinuxProtocol.BzImage, [], "", "kernel: is a vmlinux");
        Fails(LinuxProtocol.Linux64, new byte[64 << 20], "", "an initramfs of 67108864 bytes does not fit");
        Fails(LinuxProtocol.Linux64, [], new string('x', 2048), "--append: the kernel's command line has 2048 bytes");
    }

    [Test]
    public void ImageWithoutAKernelInsideIsStartedAsItIs([Values] bool wide)
    {
        byte[] file = BootProtocolImage.Build(wide);
        Os.Loader.LinuxImage image = new("tester", file, [], LinuxSetupHeader.Find(file));
        DirectImage loaded = LinuxLoader.Load(image, [], "", LinuxProtocol.BzImage, Layout);
        EntryState entry = loaded.Entry;
        Assert.That((entry.LongMode, entry.Address, entry.Rsi), Is.EqualTo((wide, wide ? 0x10_0200UL : 0x10_0000UL, ZeroPage)));
        Assert.That((entry.Flat.CodeSelector, entry.Flat.DataSelector, entry.Flat.LongMode), Is.EqualTo(((ushort)0x10, (ushort)0x18, wide)));
        Assert.That(
            () => LinuxLoader.Load(image, [], "", LinuxProtocol.Linux64, Layout),
            Throws.TypeOf<BadInputException>().With.Message.Contains("only '--direct bzimage' can start it"));
    }

    [Test]
    public void ImageWithoutAKernelInsideRuns([Values] bool wide)
    {
        using TemporaryDirectory directory = new();
        CommandLine.Result result = CosimProcess.Run("", "boot", "linux", "--direct", "bzimage", "--kernel", directory.Write("tester", BootProtocolImage.Build(wide)));
        Assert.That((result.Status, result.Output), Is.EqualTo((0, wide ? "64" : "32")), result.Error);
    }

    private static void Fails(LinuxProtocol protocol, byte[] initramfs, string commandLine, string message)
    {
        BadInputException e = Assert.Throws<BadInputException>(() => LinuxLoader.Load(Vmlinux(), initramfs, commandLine, protocol, Layout))!;
        Assert.That(e.Message, Does.Contain(message));
    }

    private static Os.Loader.LinuxImage Vmlinux()
    {
        byte[] file = MultibootFile.Build(MultibootFormat.Elf64, [0xF4]);
        return new Os.Loader.LinuxImage("kernel", file, file, null);
    }

    private static ReadOnlySpan<byte> Piece(DirectImage image, ulong address) => image.Pieces.Single(p => p.Address == address).Bytes.Span;
}
