using System.Buffers.Binary;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests.Boot;

/// <summary>Kernel files that are not as they should be: one message that names file, place and cause, and nothing else ever.</summary>
[TestFixture]
public sealed class MultibootFileTests
{
    private static readonly MemoryLayout Layout = new(64UL << 20, 0);

    [Test]
    public void NoHeader() => Fails(new byte[20000], "kernel: no multiboot header");

    [Test]
    public void HeaderBehindTheFirst8192Bytes() => Fails([.. new byte[8192], .. Kernel(MultibootFormat.AddressFields)], "no multiboot header");

    [Test]
    public void WrongChecksum() => Fails(Changed(MultibootFormat.AddressFields, 8, 1), "no multiboot header");

    [Test]
    public void UnknownRequirement()
    {
        byte[] kernel = Kernel(MultibootFormat.AddressFields);
        Set(kernel, 4, 0x10010);
        Set(kernel, 8, unchecked(0u - (0x1BADB002u + 0x10010u)));
        Fails(kernel, "offset 4: the multiboot header asks for features", "flags 10h");
    }

    [Test]
    public void FlatFileWithoutAddresses()
    {
        byte[] kernel = Kernel(MultibootFormat.AddressFields);
        Set(kernel, 4, 0);
        Set(kernel, 8, unchecked(0 - 0x1BADB002u));
        Fails(kernel, "neither an ELF file nor a multiboot header with addresses");
    }

    [TestCase(16, 0x20_0000u, "begins outside of the file")]
    [TestCase(20, 0x400_0000u, "truncated")]
    [TestCase(24, 0x10_0001u, "before the loaded part does")]
    [TestCase(24, 0xF000_0000u, "do not fit into the machine's memory")]
    [TestCase(28, 0x50_0000u, "entry point: 500000h is in no loaded segment")]
    public void AddressFieldsThatCannotBe(int offset, uint value, string message) =>
        Fails(Changed(MultibootFormat.AddressFields, offset, value), message);

    [TestCase(MultibootFormat.Elf32, 18, 40u, "built for 32-bit Arm")]
    [TestCase(MultibootFormat.Elf32, 28, 0x7000_0000u, "the program headers lie outside of the file")]
    [TestCase(MultibootFormat.Elf32, 56, 0x7000_0000u, "program header 0: truncated")]
    [TestCase(MultibootFormat.Elf64, 96, 0xFFFF_FFFFu, "program header 0: truncated")]
    [TestCase(MultibootFormat.Elf64, 88, 0x4000_0000u, "segment at 40000000h")]
    public void ElfFilesThatCannotBe(MultibootFormat format, int offset, uint value, string message) => Fails(Changed(format, offset, value), message);

    [Test]
    public void ModuleThatDoesNotFit()
    {
        BadInputException e = Assert.Throws<BadInputException>(
            () => MultibootLoader.Load("kernel", Kernel(MultibootFormat.Elf32), "", [new MultibootModule("module", new byte[70 << 20])], Layout))!;
        Assert.That(e.Message, Does.StartWith("module: ").And.Contain("do not fit"));
    }

    [Test]
    public void KernelOnTheInformationPageGetsItElsewhere()
    {
        byte[] kernel = Kernel(MultibootFormat.AddressFields);
        foreach (int field in (int[])[12, 16, 20, 24, 28])
            Set(kernel, field, Get(kernel, field) - MultibootFile.Base + 0x8000);
        DirectImage image = MultibootLoader.Load("kernel", kernel, "", [], Layout);
        Assert.That(image.Entry.Address, Is.EqualTo(0x8000 + MultibootFile.HeaderLength));
        Assert.That(image.Entry.Rbx, Is.GreaterThan(0x10_0000));
    }

    [Test]
    public void DamagedFilesNeverDoWorse([Values] MultibootFormat format)
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        byte[] whole = Kernel(format);
        for (int n = 0; n < 3000; n++)
        {
            byte[] damaged = whole[..(random.Next(4) == 0 ? random.Next(whole.Length) : whole.Length)];
            for (int change = random.Next(1, 5); change > 0 && damaged.Length > 0; change--)
                damaged[random.Next(Math.Min(damaged.Length, 128))] = (byte)random.Next(256);
            try
            {
                DirectImage image = MultibootLoader.Load("kernel", damaged, "", [], Layout);
                Assert.That(image.Pieces, Has.All.Matches<MemoryPiece>(p => p.Address + (ulong)p.Bytes.Length <= Layout.LowEnd), $"seed {seed}, step {n}");
            }
            catch (BadInputException e)
            {
                Assert.That(e.Message, Does.StartWith("kernel: "), $"seed {seed}, step {n}");
            }
        }
    }

    private static byte[] Kernel(MultibootFormat format) => MultibootFile.Build(format, [0xF4]);

    private static byte[] Changed(MultibootFormat format, int offset, uint value)
    {
        byte[] kernel = Kernel(format);
        Set(kernel, offset, value);
        return kernel;
    }

    private static void Fails(byte[] kernel, params string[] mentions)
    {
        BadInputException e = Assert.Throws<BadInputException>(() => MultibootLoader.Load("kernel", kernel, "", [], Layout))!;
        foreach (string mention in mentions)
            Assert.That(e.Message, Does.Contain(mention));
    }

    private static uint Get(byte[] kernel, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(kernel.AsSpan(offset));

    private static void Set(byte[] kernel, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(kernel.AsSpan(offset), value);
}
